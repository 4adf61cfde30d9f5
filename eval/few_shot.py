"""Few-shot prompting: worked examples before the question, the alternative to training that costs nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from eval.questions import Text
from service.answer import Sampling
from service.generate import Generator, Piece
from service.prompts import REFUSAL, messages

_LEAVE = Text("Handbook > Leave", "Employees get 28 days of paid leave a year. Unused days expire in March.")
_LAB = Text("Sites", "The laboratory moved from Lyon to Grenoble in 2016, when the old building was sold.")
_PUMP = Text("Pumps", "The P4 pump lifts 120 litres a minute and is serviced every two years.")
_MADE = Text("History", "The first pump was built in 1931 by two brothers in a garage.")
# Made up: nothing of any evaluation set. Where the answer stands differs, and one has none.
EXAMPLES = (
    ("How many days of paid leave do employees get?", (_LAB, _LEAVE), "28 days [2]"),
    ("To which city did the laboratory move?", (_LAB, _PUMP, _MADE), "Grenoble [1]"),
    ("How much does the P4 pump weigh?", (_MADE, _PUMP), REFUSAL),
)


def worked() -> list[dict[str, str]]:
    """The examples as turns of a chat, each asked as the service asks."""
    turns = []
    for question, passages, reply in EXAMPLES:
        turns += [messages(question, passages)[-1], {"role": "assistant", "content": reply}]
    return turns


@dataclass(frozen=True, slots=True)
class FewShot:
    """A generator that is shown the worked examples before each question."""

    generator: Generator

    @property
    def keeps_forms(self) -> bool:
        """As the generator."""
        return self.generator.keeps_forms

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As the generator; the instructions stay in front. Raises what it raises."""
        return self.generator.stream(model, [messages[0], *worked(), *messages[1:]], sampling)

    def ready(self) -> bool:
        """As the generator."""
        return self.generator.ready()
