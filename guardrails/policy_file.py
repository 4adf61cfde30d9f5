"""Policies from YAML: presets by name, files by path, `extends` between them, errors that name the line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from guardrails import strict_yaml
from guardrails.errors import PolicyError
from guardrails.policy import Policy

FOLDER = Path(__file__).parent / "policies"
PRESETS = tuple(sorted(file.stem for file in FOLDER.glob("*.yaml")))
"""The policies that ship."""
DEFAULT_POLICY = "balanced"
_EXTENDS = "extends"
_INSTEAD = {"threshold": "false_positives", "false_positives": "threshold"}
"""What a child says instead of what its parent says."""

_REMEDIES = {
    "extra_forbidden": "Remove it or correct its spelling.",
    "missing": "Add it.",
    "enum": "Use one of the values listed.",
    "literal_error": "Use one of the values listed.",
}


def load_policy(name: str | Path = DEFAULT_POLICY) -> Policy:
    """Read and validate a preset, or a file.

    A file may say `extends: balanced` (or name another file, relative to its own folder): what it leaves
    out is then as it is there. Mappings are merged; anything else replaces; a rail that is `null` at a
    stage does not run there.

    Raises:
        PolicyError: it cannot be read, is no YAML, extends itself, or breaks the schema. Names the line.
    """
    file = located(name)
    content = _content(file, ())
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise PolicyError("\n".join(_complaints(file, error))) from error


def located(name: str | Path) -> Path:
    """The file of a policy: a preset's, or the one that is named."""
    return FOLDER / f"{name}.yaml" if str(name) in PRESETS else Path(name)


def lineage(name: str | Path) -> tuple[Path, ...]:
    """The policy's file and those that it extends, nearest first, and their word lists: what to watch.

    Raises:
        PolicyError: as `load_policy`, but for the schema.
    """
    files = _ancestry(located(name))
    lists = (Path(words["file"]) for file in files for words in _word_files(_read(file)))
    return (*files, *(words for words in lists if words.exists()))


def _ancestry(file: Path) -> list[Path]:
    files = [file]
    while parent := _parent(files[-1], _read(files[-1])):
        if parent in files:
            break
        files.append(parent)
    return files


def _content(file: Path, children: Sequence[Path]) -> Any:  # noqa: ANN401 YAML holds anything
    if file in children:
        raise PolicyError(f"{file}: extends itself, by way of {children[-1]}. Break the circle.")
    content = _read(file)
    parent = _parent(file, content)
    if parent is None:
        return content
    own = {key: value for key, value in content.items() if key != _EXTENDS}
    return _merged(_content(parent, [*children, file]), own)


def _parent(file: Path, content: object) -> Path | None:
    if not isinstance(content, Mapping) or _EXTENDS not in content:
        return None
    name = content[_EXTENDS]
    if not isinstance(name, str):
        raise PolicyError(f"{file}: extends: must name a preset ({', '.join(PRESETS)}) or a file.")
    return located(name) if name in PRESETS else file.parent / name


def _merged(base: Any, own: Any) -> Any:  # noqa: ANN401 YAML holds anything
    if not (isinstance(base, Mapping) and isinstance(own, Mapping)):
        return own
    base = {key: value for key, value in base.items() if _INSTEAD.get(key) not in own}
    both = {key: _merged(base[key], value) if key in base else value for key, value in own.items()}
    return {key: value for key, value in {**base, **both}.items() if value is not None}


def _read(file: Path) -> Any:  # noqa: ANN401 YAML holds anything
    content = _parsed(file)
    for words in _word_files(content):
        words["file"] = str(file.parent / words["file"])
    return content


def _word_files(content: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 YAML holds anything
    """The word lists of custom rails that stand in files of their own."""
    rails = content.get("rails") if isinstance(content, dict) else None
    custom = rails.get("custom") if isinstance(rails, dict) else None
    for entry in custom if isinstance(custom, list) else ():
        words = entry.get("words") if isinstance(entry, dict) else None
        if isinstance(words, dict) and isinstance(words.get("file"), str):
            yield words


def _parsed(file: Path) -> Any:  # noqa: ANN401 YAML holds anything
    try:
        return strict_yaml.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(
            f"{file}: cannot be read ({error.strerror}). Name an existing policy file, or a preset: "
            f"{', '.join(PRESETS)}."
        ) from error
    except UnicodeDecodeError as error:
        raise PolicyError(f"{file}: is not UTF-8. Save it as UTF-8.") from error
    except yaml.YAMLError as error:
        raise PolicyError(f"{file}: is not valid YAML: {_place(error)}") from error
    except RecursionError as error:
        raise PolicyError(f"{file}: is nested too deeply. Write it with fewer brackets.") from error
    except (ValueError, LookupError, AttributeError) as error:  # of a tag's value: 2020-13-45 is no date
        raise PolicyError(f"{file}: holds a value that YAML cannot read ({error}). Quote it.") from error


def _place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}. Mend that line."
    return f"{error}. Mend it."


def _complaints(file: Path, error: ValidationError) -> list[str]:
    roots = {each: yaml.compose(each.read_text("utf-8"), yaml.SafeLoader) for each in _ancestry(file)}
    complaints = []
    for fault in error.errors():
        path = [part for part in fault["loc"] if part != "[key]"]
        at, root = max(roots.items(), key=lambda each: _depth(each[1], path))  # the nearest of them
        field = ".".join(str(part) for part in path) or "policy"
        remedy = _REMEDIES.get(fault["type"], "Correct the value.")
        complaints.append(f"{at}: line {_line(root, path)}: {field}: {fault['msg']}. {remedy}")
    return complaints


def _depth(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """How many parts of `path` stand in the file. All, from where it holds no mapping: that replaces."""
    for depth, part in enumerate(path):
        if not isinstance(node, yaml.MappingNode):
            break
        found = _step(node, part)
        if found is None:
            return depth
        node, _ = found
    return len(path)


def _line(node: yaml.Node | None, path: Sequence[int | str]) -> int:
    """The line of what `path` leads to, or of the last part of it that stands in the file."""
    line = node.start_mark.line + 1 if node else 1
    for part in path:
        found = _step(node, part)
        if found is None:
            break
        node, line = found
    return line


def _step(node: yaml.Node | None, part: int | str) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None
