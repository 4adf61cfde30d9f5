import asyncio
from dataclasses import replace
from unittest.mock import ANY

import numpy as np
import pytest

from eval.questions import Row, Text
from finetune.training.calibrate import Leaning, calibrated, leanings, refused
from ingest.hashing import HashEmbedder
from service.answer import Sampling
from service.calibration import ONCE, TWICE, Calibration, Doubt
from service.embedded import EmbeddedEngine
from service.reading import FIRST_WORD, Reader, Task, refuses
from service.scrutiny import Scrutiny, Signs


class Fake:
    """Misses an answer where there is none to see."""

    name = "fake"

    def lack(self, question, text):
        return 2.0 if question in text else -2.0


MODELS = Scrutiny(HashEmbedder(), Fake)
ROW = Row(
    "1", "Where is it?", ("here",), (Text("", "It is here."), Text("", "It is there.")), 1, "answerable"
)


def made_up(count=400):
    """Both judgements tell adversarial questions a little, each in its own way."""
    dice = np.random.default_rng(7)
    rows = []
    for number in range(count):
        wrong = number % 2
        first, second, distance, lack = dice.normal(size=4) + np.array([0.5, 1.0, 1.0, 1.0]) * wrong
        rows.append(
            Leaning(
                "adversarial" if wrong else "answerable",
                first - 4,
                second - 3,
                Signs(0.5 + distance / 10, lack),
            )
        )
    return rows


@pytest.mark.parametrize("readings", [ONCE, TWICE])
@pytest.mark.parametrize("most", [0.02, 0.1, 0.3])
def test_as_many_answerable_questions_are_refused_as_allowed(most, readings):
    found = made_up()
    shares = refused(found, calibrated(found, most, readings, MODELS))
    assert shares["answerable"] == pytest.approx(most, abs=0.011)
    assert shares["adversarial"] > shares["answerable"]


def test_both_judgements_together_refuse_more_than_the_second_alone():
    found = made_up()
    manner = calibrated(found, 0.1, TWICE, MODELS)
    alone = Calibration(TWICE, manner.first, manner.second)
    assert (manner.doubt.embedder, manner.doubt.answerability) == ("hash", "fake")
    assert refused(found, alone)["answerable"] == pytest.approx(0.1, abs=0.011)
    assert refused(found, manner)["adversarial"] > refused(found, alone)["adversarial"] + 0.05


def test_signs_that_tell_nothing_weigh_nothing_and_are_not_asked_for():
    dice = np.random.default_rng(7)
    found = [
        replace(lean, signs=Signs(*(dice.normal(size=2) / 100 - np.array(lean.signs)))) for lean in made_up()
    ]
    assert calibrated(found, 0.1, TWICE, MODELS).doubt == Doubt("hash", ANY, 0.0)


def test_an_answer_that_cites_no_one_passage_is_for_the_first_reading_alone():
    found = [*made_up(), Leaning("answerable", -9.0), Leaning("adversarial", 9.0)]
    manner = calibrated(found, 0.1, TWICE, MODELS)
    assert refused(found[-2:], manner) == {"answerable": 0.0, "adversarial": 1.0}


def test_leanings_are_read_as_the_service_reads(tiny):
    seen = []
    (lean,) = leanings(tiny, [ROW], MODELS, seen.append)
    assert (seen, lean.kind) == ([1], "answerable")
    assert lean.first < 0  # an untrained model prefers one of 49,151 others
    assert tiny.tokenizer.decode([tiny.first_token(FIRST_WORD)]) == "I"


@pytest.mark.parametrize("more", [-0.5, 0.5])
def test_a_constant_tips_the_scales_where_the_leaning_says(tiny, more):
    (lean,) = leanings(tiny, [ROW], MODELS, lambda _: None)
    engine = EmbeddedEngine(lambda _: tiny)
    reader = Reader(engine, "tiny", Calibration(ONCE, -lean.first + more), MODELS)
    begun = asyncio.run(reader.whole(Task(ROW.question, ROW.passages, Sampling(max_tokens=1))))
    engine.close()
    assert (begun.text == "I") is (more > 0)
    assert not refuses(begun.text)
