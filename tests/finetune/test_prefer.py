from dataclasses import replace

import pytest
import torch

from finetune.card import read_card
from finetune.datasets import dataset as datasets
from finetune.errors import BadAdapter, BadDataset, BadPlace
from finetune.hooks import Hooks
from finetune.training.hyperparameters import Preferences
from finetune.training.prefer import Wish, prefer
from finetune.training.train import Order, train
from service.models import load_adapted
from service.prompts import messages
from tests.finetune.lessons import HYPER, PAIRS, written
from tests.finetune.shapes import kept, shape

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def wish(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    first = Order(written(tmp_path / "data"), tmp_path / "first", str(model), tmp_path, hyper=HYPER)
    train(first, Hooks(), lambda _: None)
    hyper = Preferences(learning_rate=5e-3, epochs=4, pairs_per_step=4, pairs_at_once=4)
    return Wish(first.dataset, first.out, tmp_path / "out", str(model), tmp_path, hyper=hyper)


def margin(wish, adapter, pair):
    """How much likelier the chosen reply's first token is than the rejected one's."""
    base = load_adapted(wish.base, wish.cache, adapter)
    with torch.no_grad():
        scores = base.model(torch.tensor([base.prompt(messages(pair.question, pair.passages))])).logits[0, -1]
    return float(scores[base.first_token(pair.chosen)] - scores[base.first_token(pair.rejected)])


def test_an_adapter_comes_to_prefer_what_people_chose(wish, capsys):
    events = []
    card = prefer(wish, Hooks({"log": events.append}), lambda _: None)
    assert not capsys.readouterr().out
    assert margin(wish, wish.out, PAIRS[0]) > margin(wish, wish.parent, PAIRS[0])
    assert card["parent"] == read_card(wish.parent)["name"]
    assert read_card(wish.out)["hyperparameters"]["method"] == "dpo"
    assert [event.name for event in events] == ["trained"]
    files = {path.name for path in wish.out.iterdir()}
    assert files >= {"adapter_model.safetensors", "adapter_config.json", "card.json", "curve.png"}
    assert "ref" not in files
    assert not list(wish.out.parent.glob(".out.*"))


def test_what_cannot_be_preferred_is_told(wish, tmp_path):
    with pytest.raises(BadAdapter, match="not an adapter to go on from"):
        prefer(replace(wish, parent=tmp_path / "none"), Hooks(), lambda _: None)
    with pytest.raises(BadPlace, match="choose another --out"):
        prefer(replace(wish, out=wish.parent), Hooks(), lambda _: None)


def test_a_dataset_without_pairs_is_told(wish, monkeypatch):
    held = replace(datasets.load(wish.dataset), pairs=[])
    monkeypatch.setattr("finetune.datasets.dataset.load", lambda _: held)
    with pytest.raises(BadDataset, match="no preference pairs"):
        prefer(wish, Hooks(), lambda _: None)
