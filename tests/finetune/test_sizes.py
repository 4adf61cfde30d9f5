import json

import pytest

from eval.stats import Figure
from finetune.card import read_card
from finetune.training.sizes import by_size
from finetune.training.train import Order
from tests.finetune.lessons import HYPER, TRAINING, written
from tests.finetune.shapes import kept, shape

pytestmark = pytest.mark.usefixtures("one_thread")


def test_each_part_is_trained_and_measured_once_and_drawn(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    order = Order(written(tmp_path / "data"), tmp_path / "out", str(model), tmp_path, hyper=HYPER)
    measured = []

    def measure(adapter):
        measured.append(adapter and adapter.name)
        return {"answer_f1": Figure(len(measured) / 10, 0.0, 1.0, 5)}

    found = by_size(order, [1.0, 0.5], measure, lambda _: None)
    questions = sum(len(reading.asked) for reading in TRAINING)
    assert list(found) == [0, questions // 2, questions]
    assert measured == [None, "part-0.5", "part-1"]
    assert by_size(order, [1.0, 0.5], measure, lambda _: None) == found
    assert len(measured) == 3
    assert json.loads((order.out / "sizes.json").read_text())[str(questions)]["answer_f1"]["value"] == 0.3
    assert (order.out / "sizes.png").read_bytes().startswith(b"\x89PNG")
    assert "the first 50% of the readings" in read_card(order.out / "part-0.5")["notes"][0]
