import json
from dataclasses import replace

import pytest

from eval.stats import Figure
from finetune.card import read_card
from finetune.errors import OtherRun
from finetune.training.sizes import Measure, by_size
from finetune.training.train import Order
from tests.finetune.lessons import HYPER, TRAINING, written
from tests.finetune.shapes import kept, shape

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def order(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    return Order(written(tmp_path / "data"), tmp_path / "out", str(model), tmp_path, hyper=HYPER)


def test_each_part_is_trained_and_measured_once_and_drawn(order):
    measured = []

    def figures(adapter):
        measured.append(adapter and adapter.name)
        return {"answer_f1": Figure(len(measured) / 10, 0.0, 1.0, 5)}

    measure = Measure(figures, {"count": 5})
    found = by_size(order, [1.0, 0.5], measure, lambda _: None)
    questions = sum(len(reading.asked) for reading in TRAINING)
    assert list(found) == [0, questions // 2, questions]
    assert measured == [None, "part-0.5", "part-1"]
    assert by_size(order, [1.0, 0.5], measure, lambda _: None) == found
    assert len(measured) == 3
    assert json.loads((order.out / "sizes.json").read_text())[str(questions)]["answer_f1"]["value"] == 0.3
    assert (order.out / "sizes.png").read_bytes().startswith(b"\x89PNG")
    assert "the first 50% of the readings" in read_card(order.out / "part-0.5")["notes"][0]


@pytest.mark.parametrize(
    ("seed", "count", "told"), [(8, 5, "seed 7, not 8"), (7, 6, "count 5, not 6")], ids=["seed", "count"]
)
def test_what_was_made_to_another_order_is_not_taken_for_this_ones(order, seed, count, told):
    figures = {"answer_f1": Figure(0.5, 0.0, 1.0, 5)}
    first = by_size(order, [], Measure(lambda _: figures, {"count": 5}), lambda _: None)
    other = replace(order, hyper=replace(HYPER, seed=seed))
    with pytest.raises(OtherRun, match=rf"out holds .* run .*{told}; give the same"):
        by_size(other, [], Measure(lambda _: {}, {"count": count}), lambda _: None)
    assert by_size(order, [], Measure(lambda _: {}, {"count": 5}), lambda _: None) == first
