"""Labelled texts: public rows that are never trained on, and sentences of ours, which are in `eval/written`.

Knows where texts come from, and nothing of rails. Samples are drawn by hash: the same every time.
"""

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eval.errors import BadQuestions

WRITTEN = Path(__file__).parents[1] / "written"
PAGE = 4_000
"""Characters of a page."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Text:
    """A text and whether it is a violation; `kind` is the data's own, `context` what an answer rests on."""

    id: str
    text: str
    violation: bool
    source: str
    kind: str = ""
    context: tuple[str, ...] = ()

    @cached_property
    def length(self) -> str:
        """Its bucket, in characters."""
        for most, bucket in ((200, "to 200"), (900, "201-900"), (3_000, "901-3000")):
            if len(self.text) <= most:
                return bucket
        return "over 3000"


def rows(file: Path) -> list[dict[str, Any]]:
    """The objects of a file of JSON lines, packed or not.

    Raises:
        BadQuestions: it cannot be read; names file and line.
    """
    opened = gzip.open if file.suffix == ".gz" else open
    try:
        with opened(file, "rt", encoding="utf-8") as lines:
            return [_object(file, number, line) for number, line in enumerate(lines, start=1)]
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestions(f"{file}: cannot be read: {error}") from error


def labelled(file: Path) -> list[Text]:
    """Rows with `id`, `text`, `label` and `source`; those without a label are left out.

    Raises:
        BadQuestions: the file cannot be read, or lacks a field.
    """
    try:
        return [
            Text(row["id"], row["text"], row["label"] == 1, row["source"], row.get("kind", ""))
            for row in rows(file)
            if row["label"] is not None
        ]
    except KeyError as error:
        raise BadQuestions(f"{file}: a row has no field {error}") from error


def written(name: str) -> list[Text]:
    """Sentences of ours: innocent ones, unless they carry a label. Their `kind` is what they are about."""
    return [
        Text(row["id"], row["text"], row.get("label") == 1, "written", row.get("domain") or row["group"])
        for row in rows(WRITTEN / f"{name}.jsonl")
    ]


def identities() -> list[Text]:
    """Kind or plain sentences about people of many groups; `kind` is the group."""
    told = json.loads((WRITTEN / "identity.json").read_text(encoding="utf-8"))
    return [
        Text(
            f"identity-{group}-{n}",
            _capital(template.format(**words)),
            violation=False,
            source="written",
            kind=group,
        )
        for group, words in told["groups"].items()
        for n, template in enumerate(told["templates"], start=1)
    ]


def pages(folder: Path) -> list[Text]:
    """The beginnings of a folder's longer Markdown files, clean ones, in the order of their names."""
    texts = (
        (file, file.read_text(encoding="utf-8", errors="replace")) for file in sorted(folder.rglob("*.md"))
    )
    return [
        Text(file.relative_to(folder).as_posix(), text[:PAGE], violation=False, source="handbook")
        for file, text in texts
        if len(text) >= PAGE
    ]


def articles(file: Path) -> list[Text]:
    """Pages out of the paragraphs of a SQuAD file, clean ones: what no rail can have been trained on.

    Raises:
        BadQuestions: the file has another layout.
    """
    return [
        Text(f"{title} {start}", joined[start : start + PAGE], violation=False, source="wikipedia")
        for title, joined in ((title, "\n\n".join(parts)) for title, parts in paragraphs(file).items())
        for start in range(0, len(joined) - PAGE, PAGE)
    ]


def paragraphs(file: Path) -> dict[str, list[str]]:
    """The paragraphs of a SQuAD file by article.

    Raises:
        BadQuestions: the file has another layout.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))["data"]
        return {each["title"]: [part["context"] for part in each["paragraphs"]] for each in told}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadQuestions(f"{file}: not a SQuAD file: {type(error).__name__}") from error


def sample(texts: Sequence[Text], most: int) -> list[Text]:
    """At most so many of `texts`, by a hash of their ids, in their own order."""
    kept = {each.id for each in sorted(texts, key=lambda each: _draw(each.id))[:most]}
    return [each for each in texts if each.id in kept]


def cuts(texts: Sequence[Text]) -> Iterator[tuple[str, list[bool]]]:
    """All texts, those of each source, those of each bucket of length: a name, and which texts it holds."""
    yield "all", [True] * len(texts)
    for source in sorted({each.source for each in texts}):
        yield source, [each.source == source for each in texts]
    for length in ("to 200", "201-900", "901-3000", "over 3000"):
        if any(within := [each.length == length for each in texts]):
            yield f"{length} characters", within


def _object(file: Path, number: int, line: str) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError) as error:
        raise BadQuestions(f"{file}:{number}: not a JSON object: {error}") from error


def _draw(name: str) -> str:
    return hashlib.sha1(name.encode(), usedforsecurity=False).hexdigest()


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
