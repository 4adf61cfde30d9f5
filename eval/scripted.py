"""A target that says what it was told to say: for tests of everything around the asking."""

from collections.abc import Mapping

from eval.dataset import Question
from eval.fingerprint import Fingerprint
from eval.outcome import Cited, Found, Outcome, Passage
from service.draft import REFUSED

FINGERPRINT = Fingerprint(
    corpus="c", index="i", embedder="hash 64", prompt="p", adapter="qa-1", policy="default-1", service="0"
)
BLOCK = Found(rail="injection", stage="input", action="block", policy="default-1", reason="an attack")


class ScriptedTarget:
    """Answers by `script`: a passage whose words are the whole answer.

    What it does not know is refused; None is an error; an empty text a rail blocks.
    """

    def __init__(self, script: Mapping[str, str | None], fingerprint: Fingerprint = FINGERPRINT) -> None:
        self.script, self.told = script, fingerprint
        self.asked: list[str] = []

    async def ask(self, question: Question) -> Outcome:
        """As `Target.ask`."""
        self.asked.append(question.id)
        words = self.script.get(question.question, REFUSED)
        if words is None:
            return Outcome(question=question, error="the scripted engine broke down; ask again")
        common = {"question": question, "model": "qa-1", "total_ms": 2.0, "first_token_ms": 1.0}
        if not words:
            return Outcome(**common, answer="No.", finish_reason="content_filter", findings=(BLOCK,))
        if words == REFUSED:
            return Outcome(**common, answer=REFUSED, refused=True)
        place = {"chunk_id": "c-1", "document_id": "d-1", "uri": "file:///a.md", "start": 0}
        passage = Passage(**place, title="a.md", text=words, end=len(words))
        cited = Cited(**place, n=1, end=len(words), quote=words, verified=True, verbatim=True)
        return Outcome(
            **common,
            answer=f"{words} [1]",
            grounded=1.0,
            retrieved=(passage,),
            shown=(passage,),
            citations=(cited,),
            prompt_tokens=9,
            completion_tokens=len(words.split()),
        )

    async def fingerprint(self) -> Fingerprint:
        """As `Target.fingerprint`."""
        return self.told
