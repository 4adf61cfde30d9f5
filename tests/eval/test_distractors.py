"""Which passages are shown beside a question's own."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.distractors import HardDistractors, random_distractors
from eval.questions import Text
from ingest.hashing import HashEmbedder

FAN, PUMP, RENT = Text("Fans", "It is blue."), Text("", "The pump weighs 9 kg."), Text("", "Rent is due.")
CHOOSERS = [random_distractors, HardDistractors(HashEmbedder())]


def dice(seed=7):
    return Random(seed)  # noqa: S311  # reproducible, not a secret


class Counting(HashEmbedder):
    def __init__(self):
        super().__init__()
        self.texts = []

    def encode(self, texts):
        self.texts += texts
        return super().encode(texts)


class Alike(HashEmbedder):
    def encode_query(self, text):
        return np.full(self.dimension, len(text), dtype=np.float32)

    def encode(self, texts):
        return np.ones((len(texts), self.dimension), dtype=np.float32)


@pytest.mark.parametrize(
    ("question", "nearest"),
    [
        ("What does the pump weigh?", PUMP),
        ("When is rent due?", RENT),
        ("What colour do fans have?", FAN),  # by its heading
    ],
)
def test_hard_ones_are_the_nearest_to_the_question(question, nearest):
    hard = HardDistractors(HashEmbedder())
    assert hard(question, [FAN, PUMP, RENT], 1, dice()) == [nearest]
    assert hard(question, [FAN, PUMP, RENT], 3, dice())[0] == nearest


def test_of_equals_the_first_are_chosen_whatever_the_dice():
    hard = HardDistractors(Alike())
    assert [hard("?", [FAN, PUMP, RENT], 2, dice(seed)) for seed in range(3)] == [[FAN, PUMP]] * 3


def test_random_ones_are_the_dices_and_not_the_questions():
    texts = [Text("", str(number)) for number in range(50)]
    first, same, other = (random_distractors("5", texts, 4, dice(seed)) for seed in (7, 7, 8))
    assert first == same != other


def test_a_passage_is_embedded_once_with_its_heading():
    embedder = Counting()
    hard = HardDistractors(embedder)
    for candidates in ([FAN, PUMP], [PUMP, RENT], [FAN, RENT]):
        hard("What?", candidates, 1, dice())
    assert embedder.texts == ["Fans\nIt is blue.", "\nThe pump weighs 9 kg.", "\nRent is due."]


@pytest.mark.parametrize("choose", CHOOSERS)
@given(texts=st.lists(st.text(max_size=5), unique=True, max_size=8), count=st.integers(0, 10))
def test_different_candidates_are_chosen_as_many_as_there_are(choose, texts, count):
    candidates = [Text("", text) for text in texts]
    chosen = choose("a b", candidates, count, dice())
    assert len(chosen) == len(set(chosen)) == min(count, len(candidates))
    assert set(chosen) <= set(candidates)
