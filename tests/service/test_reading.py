import asyncio

import numpy as np
import pytest

from eval.questions import Text
from ingest.hashing import HashEmbedder
from service.answer import Sampling, Usage
from service.calibration import ONCE, TWICE, Calibration, Doubt
from service.errors import EngineFailed
from service.generate import Piece
from service.reading import Reader, Task, refuses
from service.scrutiny import Scrutiny

QUESTION = "How many days?"
PASSAGES = (
    Text("", "The office is in Turku."),
    Text("", "Staff get 27 days of leave. Tea is free."),
    Text("", "Tea is free."),
)


class Engine:
    """Says `together` to several passages, `best` to the first alone, `alone` to another."""

    keeps_forms = True

    def __init__(self, together, alone="27 days [1]", best="I don't know"):
        self.together, self.alone, self.best = together, alone, best
        self.prompts, self.closed = [], 0
        self.weights = []

    async def stream(self, model, messages, sampling):
        del model
        self.prompts.append(messages[-1]["content"])
        self.weights.append(dict(sampling.first_token))
        reply = self.best if PASSAGES[0].text in self.prompts[-1] else self.alone
        reply = self.together if "[2]" in self.prompts[-1] else reply
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


class Lacking:
    """Misses an answer by 2 in a passage about leave, and by 5 in one about tea."""

    name = "lacking"

    def lack(self, question, text):
        return (2.0 if "leave" in text else 5.0) * (question == QUESTION)


class Corners:
    """Embeds the question and the sentence about leave apart by 60 degrees, and all else far away."""

    name, dimension = "corners", 3

    def encode(self, texts):
        places = {QUESTION: (1, 0, 0), "Staff get 27 days of leave.": (0.5, 3**0.5 / 2, 0)}
        return np.array([places.get(text.strip(), (0, 0, 1)) for text in texts], dtype=np.float32)

    def encode_query(self, text):
        return self.encode([text])[0]


def answer(engine, passages=PASSAGES, manner=Calibration(TWICE), embedder=None):  # noqa: B008  # frozen
    async def run():
        reader = Reader(engine, "m", manner, Scrutiny(embedder or HashEmbedder(), Lacking))
        return [piece async for piece in reader.read(Task(QUESTION, passages, Sampling()))]

    pieces = asyncio.run(run())
    return "".join(piece.text for piece in pieces), pieces[-1]


def test_the_second_reading_sees_the_cited_passage_alone_and_its_citation_keeps_the_number():
    engine = Engine("27 [2]")
    text, last = answer(engine)
    assert text == "27 days [2]"
    assert [PASSAGES[1].text in prompt for prompt in engine.prompts] == [True, True]
    assert PASSAGES[0].text not in engine.prompts[1]
    assert (last.finish, last.usage) == ("stop", Usage(20, 5))


@pytest.mark.parametrize(
    "first", ["I don't know", "27 days", "27 days [1][2]", "27 days [4]", "27 days [0]", ""]
)
def test_an_answer_that_names_no_one_passage_stands_as_it_is(first):
    engine = Engine(first)
    assert answer(engine)[0] == first
    assert len(engine.prompts) == 1


@pytest.mark.parametrize("alone", ["27 days", ""])
def test_a_second_reading_that_says_nothing_of_the_passage_leaves_the_first_answer(alone):
    text, last = answer(Engine("27 [2]", alone=alone))
    assert text == "27 [2]"
    assert last.usage == Usage(20, 2 + len(alone.split()))


@pytest.mark.parametrize("alone", ["I don't know", "i don't know.", "I don't know [1]"])
@pytest.mark.parametrize("best", ["I don't know", "I don't know [1]", "Turku", ""])
def test_a_second_reading_may_refuse(alone, best):
    text, last = answer(Engine("27 [2]", alone=alone, best=best))
    assert refuses(text)
    assert last.usage == Usage(30, 2 + len(alone.split()) + len(best.split()))


def test_when_another_passage_is_refused_the_best_one_is_heard():
    engine = Engine("27 [2]", alone="I don't know", best="Turku [1]")
    text, last = answer(engine, manner=Calibration(TWICE, -4.0, -3.0))
    assert text == "Turku [1]"
    assert engine.weights == [{"I": -4.0}, {"I": -3.0}, {"I": -3.0}]
    assert last.usage == Usage(30, 7)


def test_a_refusal_of_the_best_passage_stands():
    engine = Engine("27 [1]", best="I don't know")
    assert refuses(answer(engine)[0])
    assert len(engine.prompts) == 2


def test_a_passage_that_is_the_only_one_is_read_twice_as_well():
    engine = Engine("x", alone="27 days [1]")
    assert answer(engine, PASSAGES[1:2])[0] == "27 days [1]"
    assert len(engine.prompts) == 2


def test_one_reading_is_passed_on_as_it_is_written():
    engine = Engine("27 days [2]")
    text, _ = answer(engine, manner=Calibration(ONCE, first=-2.5))
    assert text == "27 days [2]"
    assert engine.weights == [{"I": -2.5}]


@pytest.mark.parametrize(("together", "alone"), [(None, "27 days [1]"), ("27 [2]", None)])
def test_an_engine_that_breaks_down_at_either_reading_is_told(together, alone):
    engine = Engine(together, alone)
    with pytest.raises(EngineFailed, match="ask again"):
        answer(engine)
    assert engine.closed == len(engine.prompts)


def _lacking(model, weight):
    return Calibration(TWICE, 0.0, -3.0, Doubt("corners", -6.0, 8.0, model, weight))


@pytest.mark.parametrize(
    ("found", "manner", "weights"),
    [
        ("27 [2]", Calibration(TWICE), [{}, {}]),
        ("27 [2]", Calibration(TWICE, -4.0, -3.0), [{"I": -4.0}, {"I": -3.0}]),
        # 60 degrees: a distance of 0.5.
        ("27 [2]", Calibration(TWICE, -4.0, -3.0, Doubt("corners", -6.0, 8.0)), [{"I": -4.0}, {"I": -2.0}]),
        # Nothing in the passage is what the first reading said: the nearest sentence counts.
        ("99 [2]", Calibration(TWICE, 0.0, -3.0, Doubt("corners", -6.0, 8.0)), [{}, {"I": -2.0}]),
        ("Tea [2]", Calibration(TWICE, 0.0, -3.0, Doubt("corners", -6.0, 8.0)), [{}, {"I": 2.0}]),
        ("27 [2]", Calibration(TWICE, 0.0, -3.0, Doubt("another", -6.0, 8.0)), [{}, {"I": -3.0}]),
        ("27 [2]", _lacking("lacking", 0.5), [{}, {"I": -1.0}]),
        ("27 [2]", _lacking("another", 0.5), [{}, {"I": -3.0}]),
        ("27 [2]", _lacking("", 0.0), [{}, {"I": -2.0}]),
    ],
)
def test_each_reading_refuses_as_readily_as_the_calibration_says(found, manner, weights):
    engine = Engine(found)
    answer(engine, manner=manner, embedder=Corners())
    assert engine.weights == weights


def test_a_plain_look_is_weighed_by_nothing():
    async def run(engine):
        reader = Reader(engine, "m", Calibration(TWICE, -4.0, -3.0), Scrutiny(HashEmbedder()))
        return await reader.plain(Task(QUESTION, PASSAGES, Sampling()))

    engine = Engine("27 days [2]")
    assert asyncio.run(run(engine)).text == "27 days [2]"
    assert engine.weights == [{}]
