"""What a question is judged with."""

import pytest

from ingest.access import Principal
from service.answer import Ask, Message, Sampling
from service.dialogue import WITNESSED, WITNESSES, Dialogue
from service.records import Turn

ANNA = Principal("acme", "anna")
SAID = [f"{number} " + "word " * 4_000 + f"end {number}" for number in range(5)]


class Memory:
    """One conversation."""

    def __init__(self, questions):
        self._turns = tuple(Turn("ans", question, question, "x") for question in questions)

    def recall(self, _principal, _name, most):
        return self._turns[-most:]

    def keep(self, *_):
        """Nothing is added here."""


@pytest.mark.parametrize("kept", [True, False])
def test_of_the_last_turns_only_the_end_is_a_witness(kept):
    sent = () if kept else tuple(Message("user", said) for said in SAID)
    ask = Ask((*sent, Message("user", "And now?")), "default", Sampling(), "c-1" if kept else None)
    before = Dialogue(Memory(SAID)).asked_before(ANNA, ask)
    assert before == tuple(said[-WITNESSED:] for said in SAID[-WITNESSES:])


def test_a_short_turn_is_a_witness_as_a_whole():
    ask = Ask((Message("user", "Hello"), Message("user", "And now?")), "default", Sampling(), None)
    assert Dialogue(Memory([])).asked_before(ANNA, ask) == ("Hello",)
