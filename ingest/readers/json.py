"""JSON and JSON lines: records as blocks of `key: value` lines, objects in objects as headings."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, one_line
from ingest.readers.encoding import decode
from ingest.readers.text import add_text

DEEPEST = 60
HEADINGS = 3  # levels of objects that become headings; below these a key is a path: `owner.name: Ann`
OWN = frozenset({".json", ".jsonl", ".ndjson"})
TITLES = ("title", "name")

Value = object


def read(data: bytes, name: str) -> Extract:
    """Read a value, or one a line. A list of objects gives a block for each of them.

    Raises:
        CorruptFile: not JSON by its own suffix, or nested more than `DEEPEST` levels.
    """
    text = decode(data)
    draft = Draft()
    try:
        values = list(_values(text))
    except RecursionError as error:
        raise _too_deep() from error
    except ValueError as error:
        if PurePath(name).suffix.lower() in OWN:
            raise CorruptFile("not readable JSON", "check it with a JSON tool, or export it again") from error
        add_text(draft, text)  # a text that only begins like JSON
        return draft.extract(draft.first_heading or PurePath(name).stem)
    for value in values:
        _add(draft, value, 1)
    return draft.extract(_title(values) or PurePath(name).stem)


def _values(text: str) -> list[Value]:
    """The one value, or those of the lines.

    Raises:
        ValueError: neither.
        RecursionError: nested too deeply.
    """
    try:
        return [json.loads(text)]
    except ValueError:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) < 2:  # noqa: PLR2004  # one line was tried already
            raise
        return [json.loads(line) for line in lines]


def _too_deep() -> CorruptFile:
    return CorruptFile(f"nested more than {DEEPEST} levels", "it is no ordinary export")


def _title(values: list[Value]) -> str:
    first = values[0] if len(values) == 1 else None
    found = [first.get(key) for key in TITLES] if isinstance(first, Mapping) else []
    return next((one_line(value) for value in found if isinstance(value, str)), "")


def _add(draft: Draft, value: Value, level: int) -> None:
    """Add an object's plain members as a block, then its objects and lists of objects under headings."""
    if isinstance(value, list):
        for item in value:
            draft.block("\n".join(_lines("", item, level)))
    elif not isinstance(value, Mapping):
        draft.block(_scalar(value))
    elif level > HEADINGS:
        draft.block("\n".join(_lines("", value, level)))
    else:
        plain = {key: inner for key, inner in value.items() if not _is_deep(inner)}
        draft.block("\n".join(_lines("", plain, level)))
        for key, inner in value.items():
            if _is_deep(inner):
                draft.heading(level, key)
                _add(draft, inner, level + 1)


def _is_deep(value: Value) -> bool:
    if isinstance(value, list):
        return any(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping) and bool(value)


def _lines(path: str, value: Value, depth: int) -> Iterator[str]:
    """A value as lines `path: value`; a list of plain values is one line."""
    if depth > DEEPEST:
        raise _too_deep()
    label = f"{path}: " if path else ""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(f"{path}.{one_line(key)}" if path else one_line(key), inner, depth + 1)
    elif isinstance(value, list) and any(isinstance(item, Mapping | list) for item in value):
        for number, item in enumerate(value, start=1):
            yield from _lines(f"{path}[{number}]", item, depth + 1)
    elif isinstance(value, list):
        words = ", ".join(_scalar(item) for item in value)
        if words:
            yield label + words
    elif value is not None and value != "":
        yield label + _scalar(value)


def _scalar(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.strip() if isinstance(value, str) else str(value)
