"""What came before a question: kept by the server under a `conversation_id`, or else sent by the caller.

What was said is handed on from here, to those who keep it: a conversation, and the samples for training.
"""

from typing import Protocol

from ingest.access import Principal
from service.answer import Answer, Ask
from service.records import Turn
from service.rewrite import REMEMBERED, Exchange, exchanges, standalone
from service.samples import NO_SAMPLES, Keeper
from service.spans import step

WITNESSES = 3
"""Earlier turns that a question is judged with."""
WITNESSED = 2_000
"""Characters of each: its last, which run on into the next. All of it was judged when it came."""


class Memory(Protocol):
    """Keeps conversations, each for its asker alone. Blocking."""

    def recall(self, principal: Principal, conversation_id: str, most: int) -> tuple[Turn, ...]:
        """The last turns that the principal may use now, at most `most`, the oldest first."""
        ...

    def keep(self, principal: Principal, conversation_id: str, turn: Turn) -> None:
        """Add a turn."""
        ...


class Dialogue:
    """Questions in the light of what was said before them. Blocking: call it in a thread."""

    def __init__(self, memory: Memory, samples: Keeper = NO_SAMPLES) -> None:
        self._memory, self._samples = memory, samples

    def asked_before(self, principal: Principal, ask: Ask) -> tuple[str, ...]:
        """What the asker said before the question, oldest first: an attack may be spread over turns."""
        kept = [turn.question for turn in self._turns(principal, ask) if turn.question]
        sent = [message.content for message in ask.messages[:-1] if message.role == "user"]
        return tuple(said[-WITNESSED:] for said in (kept or sent)[-WITNESSES:])

    @step("rewrite")
    def standalone(self, principal: Principal, ask: Ask, question: str) -> str:
        """The question of `ask`, as the rails let it pass, so that it needs nothing of what came before."""
        turns = self._turns(principal, ask)
        kept = [Exchange(turn.standalone, turn.answer) for turn in turns if turn.standalone]
        return standalone(question, kept or exchanges(ask.messages[:-1]))

    def _turns(self, principal: Principal, ask: Ask) -> tuple[Turn, ...]:
        name = ask.conversation_id
        return self._memory.recall(principal, name, REMEMBERED) if name else ()

    def keep(
        self, principal: Principal, ask: Ask, asked: str | None, understood: str | None, answer: Answer
    ) -> None:
        """Add what was said to the conversation, if the caller keeps one and anything was said.

        It also waits for its rating, where the settings and the caller let it.
        """
        if ask.conversation_id and answer.text:
            turn = Turn(answer.answer_id, asked, understood, answer.text)
            self._memory.keep(principal, ask.conversation_id, turn)
        self._samples.keep(ask, understood, answer)
