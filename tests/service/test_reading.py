import asyncio

import pytest

from eval.questions import Text
from guardrails.answerability import Found
from service.answer import Sampling, Usage
from service.calibration import Calibration, Pointed
from service.errors import EngineFailed
from service.generate import Piece
from service.reading import Reader, Task, refuses
from service.scrutiny import Scrutiny

QUESTION = "How many days?"
PASSAGES = (
    Text("", "The office is in Turku."),
    Text("Leave", "Staff get leave. It is 27 days a year. Unused days expire. Tea is free. Cake is not."),
    Text("", "Tea is free."),
)
POINTED = Calibration(-1.0, Pointed("pointer", -3.0, 0.5))


class Pointer:
    """Finds "27 days"; where they do not stand, an answer is by 5 likelier not there than there."""

    name = "pointer"

    def found(self, asked):
        return [self._found(text) for _, text in asked]

    def _found(self, text):
        start = text.find("27 days")
        return Found(5.0, (0, 3)) if start < 0 else Found(-2.0, (start, start + 7))


class Engine:
    """Says `every` to all passages, `near` to what is pointed at."""

    keeps_forms = True

    def __init__(self, every="27 days [2]", near="27 days [1]"):
        self.every, self.near = every, near
        self.prompts, self.closed = [], 0
        self.weights = []

    async def stream(self, model, messages, sampling):
        del model
        self.prompts.append(messages[-1]["content"])
        self.weights.append(dict(sampling.first_token))
        reply = self.every if "[2]" in self.prompts[-1] else self.near
        try:
            if reply is None:
                raise EngineFailed("the engine broke down; ask again")
            for letter in reply:
                yield Piece(letter)
            yield Piece("", "stop", Usage(10, len(reply.split())))
        finally:
            self.closed += 1

    def ready(self):
        return True


def answer(engine, passages=PASSAGES, manner=POINTED):
    async def run():
        reader = Reader(engine, "m", manner, Scrutiny(Pointer))
        return [piece async for piece in reader.read(Task(QUESTION, passages, Sampling()))]

    pieces = asyncio.run(run())
    return "".join(piece.text for piece in pieces), pieces[-1]


def test_it_reads_the_sentences_that_are_pointed_at_and_its_citation_keeps_the_number():
    engine = Engine()
    text, last = answer(engine)
    assert text == "27 days [2]"
    (prompt,) = engine.prompts
    assert "[1] Leave\nStaff get leave. It is 27 days a year. Unused days expire.\n\nQuestion" in prompt
    assert (last.finish, last.usage) == ("stop", Usage(10, 3))


@pytest.mark.parametrize("near", ["I don't know", "i don't know.", "I don't know [1]"])
def test_it_may_refuse(near):
    engine = Engine(near=near)
    assert refuses(answer(engine)[0])
    assert len(engine.prompts) == 1


@pytest.mark.parametrize("near", ["27 days", "", "Staff"])
def test_what_is_neither_a_refusal_nor_cites_anything_is_void_and_all_passages_are_read(near):
    engine = Engine(every="28 days [2]", near=near)
    text, last = answer(engine)
    assert text == "28 days [2]"
    assert engine.weights == [{"I": -4.0}, {"I": -1.0}]
    assert last.usage == Usage(20, 3 + len(near.split()))


@pytest.mark.parametrize(
    ("passages", "manner", "weights"),
    [
        (PASSAGES, POINTED, [{"I": -4.0}]),
        (PASSAGES[2:], POINTED, [{"I": -0.5}]),  # nothing is found: 5 speak against an answer
        (PASSAGES, Calibration(), [{}]),
        (PASSAGES, Calibration(-2.5), [{"I": -2.5}]),
        (PASSAGES, Calibration(-2.5, Pointed("another", -3.0, 0.5)), [{"I": -2.5}]),
        ((), POINTED, [{"I": -1.0}]),
    ],
)
def test_it_refuses_as_readily_as_the_calibration_says(passages, manner, weights):
    engine = Engine()
    answer(engine, passages, manner)
    assert engine.weights == weights


def test_all_passages_are_passed_on_as_the_answer_is_written():
    engine = Engine()
    text, last = answer(engine, manner=Calibration())
    assert text == "27 days [2]"
    assert last.usage == Usage(10, 3)
    assert all(passage.text in engine.prompts[0] for passage in PASSAGES)


@pytest.mark.parametrize(("every", "near"), [("27 days [2]", None), (None, "27")])
def test_an_engine_that_breaks_down_is_told(every, near):
    engine = Engine(every, near)
    with pytest.raises(EngineFailed, match="ask again"):
        answer(engine)
    assert engine.closed == len(engine.prompts)


def test_a_plain_look_is_weighed_by_nothing():
    async def run(engine):
        reader = Reader(engine, "m", POINTED, Scrutiny(Pointer))
        return await reader.plain(Task(QUESTION, PASSAGES, Sampling()))

    engine = Engine()
    assert asyncio.run(run(engine)).text == "27 days [2]"
    assert engine.weights == [{}]
