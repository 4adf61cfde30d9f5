import asyncio

import pytest

from eval.questions import Text
from service.answer import Sampling, Usage
from service.errors import EngineFailed
from service.generate import Piece
from service.reading import ONCE, TWICE, Task, read

PASSAGES = (
    Text("", "The office is in Turku."),
    Text("", "Staff get 27 days of leave."),
    Text("", "Tea is free."),
)


class Engine:
    """Says `together` to several passages and `alone` to one; counts the closed streams."""

    def __init__(self, together, alone="27 days [1]"):
        self.together, self.alone, self.prompts, self.closed = together, alone, [], 0

    async def stream(self, model, messages, sampling):
        del model, sampling
        self.prompts.append(messages[-1]["content"])
        reply = self.together if "[2]" in self.prompts[-1] else self.alone
        try:
            if reply is None:
                raise EngineFailed("the engine broke down; ask again")
            for letter in reply:
                yield Piece(letter)
            yield Piece("", "stop", Usage(10, len(reply.split())))
        finally:
            self.closed += 1


def answer(engine, passages=PASSAGES, readings=TWICE):
    async def run():
        pieces = read(engine, "m", Task("How many days?", passages, Sampling()), readings)
        return [piece async for piece in pieces]

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


@pytest.mark.parametrize("alone", ["I don't know", "27 days", ""])
def test_a_second_reading_that_cites_nothing_leaves_the_first_answer(alone):
    text, last = answer(Engine("27 [2]", alone=alone))
    assert text == "27 [2]"
    assert last.usage == Usage(20, 2 + len(alone.split()))


@pytest.mark.parametrize(("passages", "readings"), [(PASSAGES, ONCE), (PASSAGES[:1], TWICE)])
def test_one_reading_is_passed_on_as_it_is_written(passages, readings):
    engine = Engine("27 days [2]")
    pieces = answer(engine, passages, readings)
    assert pieces[0] == (engine.together if len(passages) > 1 else engine.alone)
    assert len(engine.prompts) == 1


@pytest.mark.parametrize(("together", "alone"), [(None, "27 days [1]"), ("27 [2]", None)])
def test_an_engine_that_breaks_down_at_either_reading_is_told(together, alone):
    engine = Engine(together, alone)
    with pytest.raises(EngineFailed, match="ask again"):
        answer(engine)
    assert engine.closed == len(engine.prompts)
