from dataclasses import replace

import pytest
import torch

from finetune.errors import BadAdapter, CannotTrain, OtherRun
from finetune.training.checkpoint import Checkpoint
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.passes import fits
from finetune.training.trainer import Trainer, schedule
from service.models import PACKAGED, BaseModel, load_base
from service.settings import ServiceSettings
from tests.finetune.lessons import HELD_OUT, HYPER, READINGS, TRAINING
from tests.finetune.shapes import shape

pytestmark = pytest.mark.usefixtures("one_thread")


def trainer_of(base, folder, hyper=HYPER, parent=None):
    return Trainer(base, hyper, Checkpoint(folder, {"rank": hyper.rank}), parent)


def train(base, folder, hyper=HYPER, stop_at=None):
    trainer = trainer_of(base, folder, hyper)

    def report(progress):
        if progress.step == stop_at:
            raise KeyboardInterrupt

    return trainer, trainer.train(TRAINING, HELD_OUT, report)


def losses(history):
    return [(each.step, each.loss, each.validation_loss) for each in history]


@pytest.mark.parametrize(
    ("family", "shared"), [("llama", True), ("qwen2", True), ("gpt-neox", True), ("mistral", False)]
)
def test_every_family_is_trained_with_shared_passages_or_without(words, tmp_path, family, shared):
    base = shape(family, words)
    assert fits(base) is shared
    # Whole: of an untrained model without tied embeddings, an adapter hardly moves the last layer.
    trainer, history = train(base, tmp_path, replace(HYPER, method="full", learning_rate=5e-3))
    assert [progress.step for progress in history] == list(range(1, 13))
    assert history[-1].loss < 0.9 * history[0].loss
    assert history[-1].validation_loss == pytest.approx(trainer.loss(HELD_OUT), rel=1e-5)
    assert history[-1].memory > 0


def test_a_question_on_its_own_has_the_loss_that_it_has_among_others(words, tmp_path, monkeypatch):
    shared = trainer_of(shape("llama", words), tmp_path).loss(READINGS)
    monkeypatch.setattr("finetune.training.passes.fits", lambda _: False)
    assert trainer_of(shape("llama", words), tmp_path).loss(READINGS) == pytest.approx(shared, rel=1e-5)


@pytest.mark.models
def test_the_packaged_model_shares_passages_and_learns(tmp_path):
    base = load_base(PACKAGED, ServiceSettings().cache)
    assert fits(base)
    trainer = trainer_of(base, tmp_path, Hyperparameters(steps=2, learning_rate=1e-3, questions_per_step=2))
    before = trainer.loss(HELD_OUT)
    trainer.train(TRAINING, [], lambda _: None)
    assert trainer.loss(HELD_OUT) < before


def test_a_model_that_ignores_the_shared_attention_is_found_out(words, monkeypatch):
    base = shape("llama", words)
    monkeypatch.setattr(base.model, "set_attn_implementation", lambda _: None)
    assert not fits(base)


@pytest.mark.parametrize(
    "changed",
    [
        {"method": "dora"},
        {"method": "full", "learning_rate": 5e-3},
        {"dropout": 0.1, "weight_decay": 0.1},
        {"checkpointing": True},
        {"questions_at_once": 1},
    ],
    ids=str,
)
def test_training_lowers_the_loss_by_every_method(words, tmp_path, changed):
    _, history = train(shape("llama", words), tmp_path, replace(HYPER, **changed))
    assert history[-1].validation_loss < 0.9 * history[0].loss


@pytest.mark.parametrize("changed", [{"checkpointing": True}, {"questions_at_once": 1}], ids=str)
def test_what_saves_memory_changes_no_loss(words, tmp_path, changed):
    _, plain = train(shape("llama", words), tmp_path / "plain", replace(HYPER, steps=3))
    _, saving = train(shape("llama", words), tmp_path / "saving", replace(HYPER, steps=3, **changed))
    assert [each.loss for each in saving] == pytest.approx([each.loss for each in plain], rel=1e-3)


@pytest.mark.parametrize("changed", [{}, {"dropout": 0.2}, {"method": "full"}], ids=str)
def test_a_stopped_run_resumes_from_its_checkpoint_and_goes_the_very_same_way(words, tmp_path, changed):
    hyper = replace(HYPER, **changed)
    _, undisturbed = train(shape("llama", words), tmp_path / "a", hyper)
    with pytest.raises(KeyboardInterrupt):
        train(shape("llama", words), tmp_path / "b", hyper, stop_at=7)
    _, resumed = train(shape("llama", words), tmp_path / "b", hyper)
    assert losses(resumed) == losses(undisturbed)


def test_a_checkpoint_of_another_run_is_refused_with_what_differs(words, tmp_path):
    train(shape("llama", words), tmp_path)
    with pytest.raises(OtherRun, match="rank 4, not 2; give the same again"):
        train(shape("llama", words), tmp_path, replace(HYPER, rank=2))


def test_a_run_ends_when_the_watched_loss_stays_and_writes_the_best_weights(words, tmp_path):
    # So large a rate that it soon goes up.
    hyper = replace(HYPER, steps=200, save_every=2, patience=2, learning_rate=0.3, warmup=0.01)
    trainer, history = train(shape("llama", words), tmp_path / "run", hyper)
    watched = [each.validation_loss for each in history if each.validation_loss is not None]
    assert history[-1].step < 200
    assert min(watched[-2:]) >= min(watched[:-2])
    trainer.write(tmp_path / "best")
    best = trainer_of(shape("llama", words), tmp_path / "other", hyper, tmp_path / "best")
    assert best.loss(HELD_OUT) == pytest.approx(min(watched), rel=0.05)


def test_only_the_adapter_is_trained(words, tmp_path):
    base = shape("llama", words)
    before = base.model.model.layers[0].mlp.up_proj.weight.clone()
    train(base, tmp_path)
    torch.testing.assert_close(base.model.model.layers[0].mlp.up_proj.base_layer.weight, before)


def test_a_run_goes_on_from_an_adapter(words, tmp_path):
    trainer, _ = train(shape("llama", words), tmp_path / "run")
    trainer.write(tmp_path / "first")
    further = trainer_of(shape("llama", words), tmp_path / "second", HYPER, tmp_path / "first")
    assert further.loss(HELD_OUT) == pytest.approx(trainer.loss(HELD_OUT), rel=0.02)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (None, r"no readable adapter_config\.json"),
        ({"rank": 2}, "it has rank 2, not 4: go on from it with the same"),
        ({"alpha": 16}, "it has alpha 16, not 8:"),
        ({"method": "dora"}, "it has method dora, not lora:"),
    ],
    ids=str,
)
def test_what_is_no_adapter_to_go_on_from_is_told(words, tmp_path, wrong, told):
    if wrong:
        trainer_of(shape("llama", words), tmp_path / "run", replace(HYPER, **wrong)).write(tmp_path / "first")
    with pytest.raises(BadAdapter, match=f"first: .*{told}"):
        trainer_of(shape("llama", words), tmp_path / "second", HYPER, tmp_path / "first")


def test_no_adapter_of_another_kind_goes_on_as_dora(words, tmp_path):
    trainer_of(shape("llama", words), tmp_path / "run").write(tmp_path / "first")
    dora = replace(HYPER, method="dora")
    with pytest.raises(BadAdapter, match="it has method lora, not dora:"):
        trainer_of(shape("llama", words), tmp_path / "second", dora, tmp_path / "first")


def test_a_tokenizer_without_a_chat_template_is_refused(words, tmp_path, monkeypatch):
    monkeypatch.setattr(words, "chat_template", None)
    with pytest.raises(CannotTrain, match="chat template"):
        trainer_of(BaseModel("plain", shape("llama", words).model, words), tmp_path)


def test_a_budget_in_minutes_ends_the_run_with_its_schedule_run_out(words, tmp_path):
    _, history = train(shape("llama", words), tmp_path, replace(HYPER, minutes=1e-6))
    assert history[-1].done == 1.0
    assert len(history) <= 2


@pytest.mark.parametrize(("done", "share"), [(0.02, 0.5), (0.04, 1.0), (0.52, 0.525), (1.0, 0.05)])
def test_the_learning_rate_warms_up_and_then_falls(done, share):
    assert schedule(done, 0.04) == pytest.approx(share)
