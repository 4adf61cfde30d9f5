"""What the command line prints."""

import json
from typing import Any

from rich.console import Console
from rich.markup import escape

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line."""
    print(json.dumps(value, ensure_ascii=False))  # noqa: T201  # a command line prints


def show_report(report: dict[str, Any]) -> None:
    """What became of a sync."""
    counts = ", ".join(f"{report[name]} {name}" for name in ("added", "updated", "unchanged", "deleted"))
    out.print(f"{counts}; {report['chunks']} chunks in {report['seconds']:.1f} s")
    found = "; ".join(f"{rail}: {_counts(actions)}" for rail, actions in sorted(report["rails"].items()))
    if found:
        out.print(f"[yellow]found[/]   {escape(found)}")
    if report["duplicates"]:
        out.print(f"{len(report['duplicates'])} with the text of another one, which is found for all")
    for row in report["skipped"]:
        out.print(f"[yellow]skipped[/] {escape(row['uri'])}: {escape(row['reason'])}")
    for row in report["failed"]:
        out.print(f"[red]failed[/]  {escape(row['uri'])}: {escape(row['error'])}")


def _counts(actions: dict[str, int]) -> str:
    return ", ".join(f"{count} {action}" for action, count in sorted(actions.items()))


def show_hits(hits: list[dict[str, Any]]) -> None:
    """The passages that were found, best first."""
    for number, hit in enumerate(hits, 1):
        page = f", page {hit['page']}" if hit["page"] else ""
        place = escape(f"{hit['uri']}  {hit['score']:.3f}")
        out.print(f"[bold]{number}. {escape(hit['title'])}[/]{page}  [dim]{place}[/]")
        out.print(f"   {escape(' '.join(hit['text'].split())[:240])}")
    if not hits:
        out.print("nothing found")
