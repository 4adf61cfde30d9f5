"""How the demo looks on a terminal: each question with answer, source, rails and timings, then a summary."""

from statistics import median
from typing import Any

from outcomes import Outcome
from replies import Reply
from rich.console import Console
from rich.table import Table
from rich.text import Text

BADGES = {"block": "white on red", "redact": "black on yellow", "flag": "black on bright_white"}
QUOTE_WIDTH = 160


class Transcript:
    """Prints the demo as it goes. A quiet one prints nothing."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.console = Console(quiet=quiet, highlight=False)

    def opening(self, report: dict[str, Any], seconds: dict[str, float]) -> None:
        """Tell what was ingested and that the server is up."""
        counts = ", ".join(
            f"{report[k]} {k}" for k in ("added", "updated", "unchanged", "deleted") if report[k]
        )
        self.console.print(
            Text.assemble("  ", ("documents ", "bold"), f"{counts}; {report['chunks']} chunks")
        )
        self.console.print(
            Text.assemble("  ", ("server    ", "bold"), f"ready after {seconds['server']:.1f} s")
        )

    def reciting(self) -> None:
        """Tell that another engine answers from here on."""
        told = "\nNow the same server with an engine that recites a restricted document: it knows the salary"
        self.console.print(Text(f"{told} table by heart, and says it to whoever asks.", "bold"))

    def exchange(self, number: int, outcome: Outcome) -> None:
        """Print one question and what came of it."""
        question, reply = outcome.question, outcome.reply
        head = Text.assemble(
            f"\n{number:2d} ", (question.ask, "bold cyan"), (f"  as {question.asker}", "dim")
        )
        self.console.print(head)
        self.console.print(Text.assemble("   ", _badge(reply), reply.text.strip() or reply.error))
        for citation in reply.citations:
            quote = " ".join(citation.quote.split())[:QUOTE_WIDTH]
            line = Text.assemble(
                (f"   [{citation.n}] {citation.place}", "green"), (f"  “{quote}”", "italic dim")
            )
            self.console.print(line)
        self.console.print(Text(f"   asked as {question.asker}   {_rails(reply)}{_timing(reply)}", "dim"))
        for problem in outcome.problems:
            self.console.print(Text(f"   ✗ {problem}", "bold red"))

    def closing(self, outcomes: list[Outcome], seconds: dict[str, float]) -> None:
        """Print how long each part took, and the wrong outcomes by name."""
        table = Table("part", "time", title="\nHow long it took", title_justify="left", title_style="bold")
        for part, spent in seconds.items():
            table.add_row(part, f"{spent:.1f} s")
        firsts = [o.reply.first_token_ms for o in outcomes if o.reply.first_token_ms is not None]
        if firsts:
            table.add_row("first token, median", f"{median(firsts) / 1000:.2f} s")
            table.add_row(
                "whole answer, median", f"{median(o.reply.total_ms for o in outcomes) / 1000:.2f} s"
            )
        self.console.print(table)
        wrong = [outcome for outcome in outcomes if outcome.problems]
        if not wrong:
            self.console.print(Text(f"\n✓ all {len(outcomes)} outcomes are as expected", "bold green"))
        for outcome in wrong:
            told = f"✗ {outcome.question.id}: {'; '.join(outcome.problems)}"
            self.console.print(Text(told, "bold red"))


def _badge(reply: Reply) -> Text:
    if reply.blocked:
        return Text.assemble((" BLOCKED ", BADGES["block"]), " ")
    if reply.refused:
        return Text.assemble((" NOT IN THE DOCUMENTS ", "black on cyan"), " ")
    if any(note.action == "redact" for note in reply.guardrails):
        return Text.assemble((" REDACTED ", BADGES["redact"]), " ")
    return Text()


def _rails(reply: Reply) -> str:
    notes = dict.fromkeys(f"{note.rail} {note.action} ({note.stage})" for note in reply.guardrails)
    return f"rails: {', '.join(notes)}   " if notes else ""


def _timing(reply: Reply) -> str:
    first = "" if reply.first_token_ms is None else f"first token {reply.first_token_ms / 1000:.2f} s, "
    return f"{first}total {reply.total_ms / 1000:.2f} s"
