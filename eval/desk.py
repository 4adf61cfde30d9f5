"""The terminal as the desk of a review."""

from collections.abc import Sequence

from rich.console import Console
from rich.prompt import Prompt
from rich.text import Text

from eval.dataset import Question
from eval.review import Choice, Shown

_KEYS: dict[str, Choice] = {"a": "accept", "e": "edit", "r": "reject", "s": "skip", "q": "quit"}
_ASK = "[bold]a[/]ccept, [bold]e[/]dit, [bold]r[/]eject, [bold]s[/]kip, [bold]q[/]uit"


class Terminal:
    """Shows rows on a console and asks there. The end of the input is `quit`."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def decide(self, question: Question, evidence: Sequence[Shown], left: int) -> Choice:
        """Show the row, and ask until a key is one of ours."""
        self._console.rule(f"{question.kind}, {left} to review")
        self._facts(question)
        for one in evidence:
            self._evidence(one)
        try:
            return _KEYS[Prompt.ask(_ASK, console=self._console, choices=[*_KEYS], show_choices=False)]
        except EOFError:
            return "quit"

    def edit(self, question: Question) -> Question:
        """Ask for the question and the answers; what is left empty stays."""
        asked = self._words("question", question.question)
        if not question.answerable:
            return question.model_copy(update={"question": asked})
        told = self._words("answers, apart by |", " | ".join(question.answers))
        answers = tuple(answer.strip() for answer in told.split("|") if answer.strip())
        return question.model_copy(update={"question": asked, "answers": answers})

    def _words(self, what: str, now: str) -> str:
        try:
            return Prompt.ask(Text(what), console=self._console, default=now).strip() or now
        except EOFError:
            return now

    def _facts(self, question: Question) -> None:
        groups = "administrator" if question.groups is None else ", ".join(question.groups) or "no group"
        lines = {
            "said before": " / ".join(turn.content for turn in question.history),
            "question": question.question,
            "answer": " | ".join(question.answers) if question.answerable else "(must not be answered)",
            "forbidden": " | ".join(question.forbidden),
            "asked as": groups,
        }
        for name, words in lines.items():
            if words:
                self._console.print(Text.assemble((f"{name:12}", "dim"), words))

    def _evidence(self, one: Shown) -> None:
        state = " (changed since)" if one.words and one.stale else "" if one.words else " (not indexed)"
        self._console.print(Text(f"{one.uri}{state}", style="yellow" if one.stale else "cyan"))
        self._console.print(Text.assemble((one.before, "dim"), (one.words, "bold"), (one.after, "dim")))
