import asyncio

import numpy as np
import pytest

from eval.questions import Row, Text
from finetune.training.calibrate import Leaning, calibrated, leanings, refused
from guardrails.answerability import Found
from service.answer import Sampling
from service.calibration import Calibration, Pointed
from service.embedded import EmbeddedEngine
from service.reading import FIRST_WORD, Reader, Task, refuses
from service.scrutiny import Scrutiny

ROW = Row(
    "1", "Where is it?", ("here",), (Text("", "It is here."), Text("", "It is there.")), 1, "answerable"
)


class Pointer:
    """Points at the first passage's first letters."""

    name = "pointer"

    def found(self, asked):
        return [Found(float(place), (0, 2)) for place, _ in enumerate(asked)]


def made_up(count=400):
    """All judgements tell adversarial questions a little, each in its own way."""
    dice = np.random.default_rng(7)
    rows = []
    for number in range(count):
        wrong = number % 2
        every, near, lack = dice.normal(size=3) + np.array([0.5, 1.0, 1.0]) * wrong
        rows.append(Leaning("adversarial" if wrong else "answerable", every - 4, near - 3, 2 * lack))
    return rows


@pytest.mark.parametrize("by", ["", "pointer"])
@pytest.mark.parametrize("most", [0.02, 0.1, 0.3])
def test_as_many_answerable_questions_are_refused_as_allowed(most, by):
    found = made_up()
    shares = refused(found, calibrated(found, most, by))
    assert shares["answerable"] == pytest.approx(most, abs=0.011)
    assert shares["adversarial"] > shares["answerable"]


def test_both_judgements_together_refuse_more_than_the_adapters_own():
    found = made_up()
    manner = calibrated(found, 0.1, "pointer")
    assert manner.pointed.by == "pointer"
    assert manner.pointed.lacking == pytest.approx(0.5, abs=0.2)
    alone = [Leaning(lean.kind, lean.every, lean.near, 0.0) for lean in found]
    own = refused(alone, calibrated(alone, 0.1, "pointer"))
    assert refused(found, manner)["adversarial"] > own["adversarial"] + 0.05


def test_a_lack_that_tells_the_wrong_way_weighs_nothing():
    found = [Leaning(lean.kind, lean.every, lean.near, -lean.lack) for lean in made_up()]
    assert calibrated(found, 0.1, "pointer").pointed.lacking == 0.0


@pytest.mark.parametrize("kind", ["answerable", "adversarial"])
def test_questions_of_one_kind_alone_weigh_no_lack(kind):
    found = [lean for lean in made_up() if lean.kind == kind]
    assert calibrated(found, 0.1, "pointer").pointed.lacking == 0.0


def test_an_adapter_that_is_not_pointed_reads_all_passages():
    found = made_up()
    assert calibrated(found, 0.1, "") == Calibration(calibrated(found, 0.1, "pointer").constant)


def test_leanings_are_read_as_the_service_reads(tiny):
    seen = []
    (lean,) = leanings(tiny, [ROW], Scrutiny(Pointer), seen.append)
    assert (seen, lean.kind, lean.lack) == ([1], "answerable", 0.0)
    assert max(lean.every, lean.near) < 0  # an untrained model prefers one of 49,151 others
    assert lean.every != lean.near
    assert tiny.tokenizer.decode([tiny.first_token(FIRST_WORD)]) == "I"


@pytest.mark.parametrize("more", [-0.5, 0.5])
@pytest.mark.parametrize("pointed", [True, False])
def test_a_constant_tips_the_scales_where_the_leaning_says(tiny, more, pointed):
    scrutiny = Scrutiny(Pointer)
    (lean,) = leanings(tiny, [ROW], scrutiny, lambda _: None)
    manner = (
        Calibration(0.0, Pointed("pointer", -lean.near + more, 0.0))
        if pointed
        else Calibration(-lean.every + more)
    )
    engine = EmbeddedEngine(lambda _: tiny)
    # What the first word says is told by itself: a void answer is read anew.
    begun = asyncio.run(_first(Reader(engine, "tiny", manner, scrutiny), ROW))
    engine.close()
    assert (begun == "I") is (more > 0)
    assert not refuses(begun)


async def _first(reader, row):
    """The first word that the engine writes."""
    words = []
    stream = reader.generator.stream

    class Heard:
        async def stream(self, *given):
            text = ""
            async for piece in stream(*given):
                text += piece.text
                yield piece
            words.append(text)

    heard = Reader(Heard(), reader.model, reader.manner, reader.scrutiny)
    await heard.whole(Task(row.question, row.passages, Sampling(max_tokens=1)))
    return words[0]
