"""A dataset's manifest for people: what it is of, what was left out, what is in it."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.table import Table

from finetune.commands.terminal import show

SHORT = 12  # characters of a hash
_NAMED = 5  # documents


def show_manifest(manifest: Mapping[str, Any], as_json: bool) -> None:
    """Print it: one object for programs, tables for people."""
    if as_json:
        show(manifest, as_json)
    else:
        Console().print(Group(*told(manifest)))


def told(manifest: Mapping[str, Any]) -> Iterator[RenderableType]:
    """What people want to know of a dataset; of old ones what there is."""
    made = f", built {manifest['built_at']} by {manifest['revision']}" if "built_at" in manifest else ""
    yield f"[bold]{manifest['hash'][:SHORT]}[/]{made}"
    for parent in manifest.get("parents", ()):
        yield f"goes on from {parent[:SHORT]}"
    yield _sources(manifest["sources"])
    for source in manifest["sources"]:
        if source.get("restricted"):
            told = f"{source['restricted']} documents of {escape(source['name'])} are not for everybody"
            yield f"[yellow]{told}: what learns from them may tell anyone[/]"
    if "steps" in manifest:
        yield _steps(manifest["steps"])
        yield _held_out(manifest["held_out"])
        yield _splits(manifest["splits"])
    yield _counts("questions of readings", manifest["questions"])
    if "balance" in manifest:
        yield _balance(manifest["balance"])
    yield f"{manifest['readings']} readings, {manifest.get('pairs', 0)} preference pairs"


def _sources(sources: list[dict[str, Any]]) -> Table:
    made = table("source", "kind", "sha256", "examples", "skipped", "licence")
    for source in sources:
        skipped = source.get("skipped", {})
        made.add_row(
            escape(source["name"]),
            source.get("kind", ""),
            source["sha256"][:SHORT],
            str(source.get("examples", "")),
            listed(skipped),
            escape(source.get("license", "")),
        )
    return made


def _steps(steps: list[dict[str, Any]]) -> Table:
    made = table("step", "examples", "dropped", "why", "mended")
    for step in steps:
        dropped = step["dropped"]
        count = str(sum(dropped.values()))
        made.add_row(step["step"], str(step["examples"]), count, listed(dropped), listed(step["changed"]))
    return made


def _held_out(sets: list[dict[str, Any]]) -> Table:
    made = table("held out", "questions", "passages", "examples dropped")
    for each in sets:
        dropped = each["dropped"]
        told_of = f"{sum(dropped.values())}" + (f" ({listed(dropped)})" if dropped else "")
        made.add_row(escape(each["name"]), str(each["questions"]), str(each["passages"]), told_of)
    return made


def _splits(splits: Mapping[str, Mapping[str, int]]) -> Table:
    made = table("split", "documents", "examples", "readings")
    for name, side in splits.items():
        made.add_row(name, *(str(side[column]) for column in ("documents", "examples", "readings")))
    return made


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    made = table(title, "count")
    for name, count in counts.items():
        made.add_row(name, str(count))
    return made


def _balance(balance: Mapping[str, Any]) -> Table:
    made = table("balance", "")
    for name, value in balance.items():
        shown = _largest(value) if name == "largest_documents" else value
        told_of = listed(shown) if isinstance(shown, Mapping) else str(shown)
        made.add_row(name.replace("_", " "), told_of)
    return made


def _largest(documents: Mapping[str, float]) -> dict[str, float]:
    """The first few, without their folders."""
    return {name.rpartition("/")[2]: share for name, share in list(documents.items())[:_NAMED]}


def listed(counts: Mapping[str, Any]) -> str:
    """Names with their counts, on a line."""
    return escape(", ".join(f"{name} {count:g}" for name, count in counts.items()))


def table(*columns: str) -> Table:
    """A table without lines; numbers stand to the right."""
    made = Table(box=None, pad_edge=False, header_style="dim")
    for name in columns:
        made.add_column(name, justify="right" if name in _NUMBERS else "left", overflow="fold")
    return made


_NUMBERS = frozenset(
    {"examples", "dropped", "questions", "passages", "documents", "readings", "count", "pairs"}
)
