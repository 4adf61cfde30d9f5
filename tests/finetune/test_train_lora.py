import json

import pytest
import torch
from transformers import LlamaForCausalLM

from finetune.adapter_card import describe
from finetune.card import add_figures
from finetune.errors import BadAdapter
from finetune.hyperparameters import Hyperparameters
from finetune.readings import Reading, Shown, answered, refused
from finetune.train_lora import Trainer, schedule
from service.models import BaseModel

READINGS = [
    Reading(
        (Shown("", f"The code of room {n} is {n * 7}."), Shown("", "Nothing else is known.")),
        (answered(f"What is the code of room {n}?", str(n * 7), 1), refused("Who lives there?", "unrelated")),
    )
    for n in range(12)
]
HYPER = Hyperparameters(
    rank=4, alpha=8, learning_rate=5e-2, steps=12, questions_per_step=4, validation=2, save_every=4
)
MANIFEST = {"hash": "abc", "readings": 12, "questions": {"answerable": 12}, "sources": [], "licenses": []}


def train(tiny, folder, hyper=HYPER, stop_at=None):
    trainer = Trainer(tiny, hyper, folder)

    def report(progress):
        if progress.step == stop_at:
            raise KeyboardInterrupt

    return trainer, trainer.train(READINGS, report)


def test_training_lowers_the_loss(tiny, tmp_path):
    _, history = train(tiny, tmp_path)
    assert [progress.step for progress in history] == list(range(1, 13))
    assert history[-1].loss < history[0].loss
    assert history[-1].validation_loss is not None


def test_a_killed_run_resumes_from_its_checkpoint_and_goes_the_same_way(tiny, tmp_path, tokenizer):
    def fresh():
        torch.manual_seed(3)
        return BaseModel("tiny", LlamaForCausalLM(tiny.model.config).eval(), tokenizer)

    _, undisturbed = train(fresh(), tmp_path / "a")
    with pytest.raises(KeyboardInterrupt):
        train(fresh(), tmp_path / "b", stop_at=7)
    _, resumed = train(fresh(), tmp_path / "b")
    reference = {progress.step: progress.loss for progress in undisturbed}
    assert [progress.step for progress in resumed] == list(range(1, 13))
    for progress in resumed:
        assert progress.loss == pytest.approx(reference[progress.step], rel=0.05)


def test_only_the_adapter_is_trained_and_its_card_names_it_by_its_weights(tiny, tmp_path):
    before = tiny.model.model.layers[0].mlp.up_proj.weight.clone()
    trainer, history = train(tiny, tmp_path)
    trainer.save(tmp_path)
    card = describe(tmp_path, "task", "tiny", MANIFEST, HYPER, history)
    torch.testing.assert_close(tiny.model.model.layers[0].mlp.up_proj.base_layer.weight, before)
    assert card["name"].startswith("task-")
    assert card["steps"] == 12
    figure = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9, "coverage": 1.0}
    older = {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 9}
    for written in (older, figure):
        add_figures(tmp_path, {"task": {"answer_f1": written}}, "make quality")
        assert "| answer_f1 | 0.500 [0.400, 0.600] (9) |" in (tmp_path / "card.md").read_text()
    assert json.loads((tmp_path / "card.json").read_text())["figures"]["task"]["answer_f1"] == figure


def test_a_run_goes_on_from_an_adapter_and_its_card_names_it(tiny, tmp_path, tokenizer):
    def fresh():
        torch.manual_seed(3)
        return BaseModel("tiny", LlamaForCausalLM(tiny.model.config).eval(), tokenizer)

    trainer, history = train(fresh(), tmp_path / "first")
    trainer.save(tmp_path / "first")
    first = describe(tmp_path / "first", "task", "tiny", MANIFEST, HYPER, history)
    further = Trainer(fresh(), HYPER, tmp_path / "second", tmp_path / "first")
    assert further.loss(READINGS[:2]) == pytest.approx(trainer.loss(READINGS[:2]), rel=0.02)
    history = further.train(READINGS, lambda _: None)
    further.save(tmp_path / "second")
    second = describe(
        tmp_path / "second", "task", "tiny", MANIFEST, HYPER, history, parent=tmp_path / "first"
    )
    assert second["parent"] == first["name"]


def test_figures_are_not_added_to_an_adapter_with_other_weights(tiny, tmp_path):
    trainer, history = train(tiny, tmp_path)
    trainer.save(tmp_path)
    describe(tmp_path, "task", "tiny", MANIFEST, HYPER, history)
    with (tmp_path / "adapter_model.safetensors").open("ab") as file:
        file.write(b"x")
    with pytest.raises(BadAdapter, match="not those of task-"):
        add_figures(tmp_path, {}, "make quality")


def test_a_budget_in_minutes_ends_the_run_with_its_schedule_run_out(tiny, tmp_path):
    _, history = train(tiny, tmp_path, Hyperparameters(rank=2, alpha=4, minutes=1e-6, validation=2))
    assert history[-1].done == 1.0
    assert len(history) <= 2


@pytest.mark.parametrize(("done", "share"), [(0.02, 0.5), (0.04, 1.0), (0.52, 0.525), (1.0, 0.05)])
def test_the_learning_rate_warms_up_and_then_falls(done, share):
    assert schedule(done, 0.04) == pytest.approx(share)
