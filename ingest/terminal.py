"""What the command line shows on a terminal: a bar while it works, and what came of it."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ingest.sync import Watch

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on one line."""
    print(json.dumps(value, ensure_ascii=False))  # noqa: T201  # a command line prints


@contextmanager
def progress() -> Iterator[Watch]:
    """A bar on stderr, if that is a terminal and there is something to wait for."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("files", total=None, visible=False)
        yield lambda done, total: progress.update(task, completed=done, total=total, visible=True)


def show_report(report: dict[str, Any]) -> None:
    """What a sync did."""
    would = "would be: " if report.get("dry_run") else ""
    counts = would + ", ".join(
        f"{report[name]} {name}" for name in ("added", "updated", "unchanged", "deleted")
    )
    out.print(f"{counts}; {report['chunks']} chunks in {report['seconds']:.1f} s")
    for what, uris in report.get("would", {}).items():
        for uri in uris:
            out.print(f"would {what} {escape(uri)}")
    for row in report["renamed"]:
        out.print(f"renamed {escape(row['from'])} to {escape(row['to'])}")
    found = "; ".join(f"{rail}: {_counts(actions)}" for rail, actions in sorted(report["rails"].items()))
    if found:
        out.print(f"[yellow]found[/]   {escape(found)}")
    if report["duplicates"]:
        out.print(f"{len(report['duplicates'])} with the text of another one, which is found for all")
    for row in report["skipped"]:
        out.print(f"[yellow]skipped[/] {escape(row['uri'])}: {escape(row['reason'])}")
    for row in report["failed"]:
        out.print(f"[red]failed[/]  {escape(row['uri'])}: {escape(row['error'])}")
    for row in report["notes"]:
        out.print(f"[dim]note[/]    {escape(row['uri'])}: {escape(row['note'])}")


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


def show_documents(documents: list[dict[str, Any]]) -> None:
    """Documents, one a line, with who may read them, their labels and their state."""
    for document in documents:
        marks = " ".join(
            [
                *(f"@{name}" for name in document["groups"]),
                *(f"#{name}" for name in document["labels"]),
                *([document["state"]] if document["state"] != "current" else []),
            ]
        )
        out.print(f"[bold]{escape(document['title'])}[/]  {escape(document['uri'])}  [dim]{escape(marks)}[/]")


def show_duplicates(groups: list[dict[str, Any]]) -> None:
    """Documents that say the same, a group a line."""
    for group in groups:
        out.print(f"[bold]{group['similarity']:.0%}[/]  {escape('  '.join(group['uris']))}")


def show_quarantine(cases: list[dict[str, Any]]) -> None:
    """What the rails keep out of the index, and why."""
    for case in cases:
        found = ", ".join(
            f"{row['count']} {row['rail']}/{row['label']} ({row['action']})" for row in case["findings"]
        )
        out.print(f"{escape(case['uri'])}  {escape(found)}  [dim]{case['at']}, {escape(case['policy'])}[/]")


def show_reindex(result: dict[str, Any]) -> None:
    """What a reindex came to, for people."""
    out.print(f"{result['chunks']} chunks embedded anew")
