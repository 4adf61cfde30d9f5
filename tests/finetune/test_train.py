import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from finetune.card import read_card
from finetune.errors import BadDataset, BadPlace, CannotTrain, OtherRun
from finetune.hooks import Hooks
from finetune.training import curve
from finetune.training.hyperparameters import Hyperparameters
from finetune.training.train import Order, train
from service.models import load_adapted, load_base
from tests.finetune.lessons import HYPER, written
from tests.finetune.shapes import kept, shape

ROOT = Path(__file__).parents[2]
QUIET = Hooks()
pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def order(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    return Order(written(tmp_path / "data"), tmp_path / "out", str(model), tmp_path, hyper=HYPER)


def silent(_):
    pass


def test_a_run_leaves_weights_curve_and_card_and_tells_the_hooks(order):
    events = []
    card = train(order, Hooks({"log": events.append}), silent)
    assert read_card(order.out) == json.loads(json.dumps(card))
    assert {file.name for file in order.out.iterdir()} >= {
        "adapter_config.json", "adapter_model.safetensors", "card.json", "card.md", "curve.png"
    }  # fmt: skip
    assert (order.out / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert "![Loss by step](curve.png)" in (order.out / "card.md").read_text()
    assert not order.run.exists()
    assert [event.name for event in events] == ["epoch ended"] * 3 + ["trained"]
    assert [event.facts["step"] for event in events[:-1]] == [4, 8, 12]
    assert events[-1].facts["name"] == card["name"]
    assert card["dataset"]["hash"] == "abc"
    assert [step for step, _ in card["validation_loss"]] == [4, 8, 12]


def test_a_run_that_was_killed_resumes_to_the_very_weights_of_an_undisturbed_one(order):
    order = replace(order, hyper=replace(HYPER, steps=60))
    killed = replace(order, out=order.out.with_name("killed"))
    asked = {"dataset": killed.dataset, "out": killed.out, "steps": 60, "save-every": 4, "rank": 4,
             "learning-rate": 5e-2, "questions-per-step": 4}  # fmt: skip
    options = [text for name, value in asked.items() for text in (f"--{name}", str(value))]
    command = [sys.executable, "-m", "finetune", "train", *options]
    settings = {"PLUMBLINE_FINETUNE__MODEL": order.base, "PLUMBLINE_FINETUNE__THREADS": "1"}
    run = subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.DEVNULL)
    while not (killed.run / "checkpoint.pt").exists():
        assert run.poll() is None
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    assert not killed.out.exists()
    steps = []
    resumed = train(killed, QUIET, lambda progress: steps.append(progress.step))
    assert 1 < steps[0] <= 60
    undisturbed = train(order, QUIET, silent)
    assert resumed["validation_loss"] == undisturbed["validation_loss"]
    assert resumed["name"] == undisturbed["name"]


def test_what_fails_while_it_is_written_leaves_nothing_and_is_written_by_the_next_run(order, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(curve, "draw", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            train(order, QUIET, silent)
    assert not order.out.exists()
    steps = []
    train(order, QUIET, lambda progress: steps.append(progress.step))
    assert steps == []
    assert read_card(order.out)["steps"] == 12


def test_a_killed_run_is_resumed_as_itself_only(order):
    def kill(progress):
        if progress.step == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(order, QUIET, kill)
    other = order.dataset / "manifest.json"
    with pytest.raises(OtherRun, match=r"learning_rate 0\.05, not 0\.01"):
        train(replace(order, hyper=replace(HYPER, learning_rate=0.01)), QUIET, silent)
    other.write_text(other.read_text().replace('"abc"', '"other"'))
    with pytest.raises(OtherRun, match="dataset abc, not other"):
        train(order, QUIET, silent)


def test_an_adapter_is_never_overwritten(order):
    train(order, QUIET, silent)
    name = read_card(order.out)["name"]
    with pytest.raises(BadPlace, match="choose another --out"):
        train(order, QUIET, silent)
    assert read_card(order.out)["name"] == name


def test_a_second_run_into_the_same_place_is_refused_while_the_first_trains(order):
    losses = []

    def again(progress):
        losses.append(progress.loss)
        if progress.step == 4:
            with pytest.raises(BadPlace, match="another process"):
                train(order, QUIET, silent)

    train(order, QUIET, again)
    assert len(losses) == read_card(order.out)["steps"] == 12
    assert not [left for left in order.out.parent.iterdir() if left.name.startswith(".")]


@pytest.mark.parametrize("method", ["dora", "full"])
def test_what_was_trained_is_served(order, method, tmp_path):
    order = replace(order, hyper=replace(HYPER, method=method, learning_rate=5e-3))
    card = train(order, QUIET, silent)
    base = load_base(order.base, tmp_path)
    if method == "full":
        served = load_base(str(order.out), tmp_path)
        assert "service.model" in card["notes"][0]
    else:
        served = load_adapted(order.base, tmp_path, order.out)
    prompt = torch.tensor([served.prompt([{"role": "user", "content": "What is the code of room 3?"}])])
    with torch.no_grad():
        assert not torch.equal(served.model(prompt).logits, base.model(prompt).logits)


def test_a_whole_model_goes_on_from_an_adapter_merged_into_it(order, tmp_path):
    first = train(order, QUIET, silent)
    whole = Hyperparameters(method="full", steps=1, learning_rate=0.0, validation=2)
    second = train(replace(order, out=tmp_path / "whole", parent=order.out, hyper=whole), QUIET, silent)
    assert second["parent"] == first["name"]
    assert second["validation_loss"][-1][1] == pytest.approx(
        min(loss for _, loss in first["validation_loss"]), rel=0.1
    )


@pytest.mark.parametrize(
    ("changed", "message"),
    [({"method": "qlora"}, "use --method lora"), ({"method": "full", "dropout": 0.1}, "leave --dropout out")],
    ids=str,
)
@pytest.mark.skipif(torch.cuda.is_available(), reason="it trains there")
def test_what_a_machine_cannot_do_is_told_with_what_to_do_instead(order, changed, message):
    with pytest.raises(CannotTrain, match=message):
        train(replace(order, hyper=replace(HYPER, **changed)), QUIET, silent)
    assert not order.run.exists()


def test_a_dataset_without_readings_is_told(order):
    manifest = json.loads((order.dataset / "manifest.json").read_text())
    (order.dataset / "train.jsonl").write_text("")
    manifest["files"]["train.jsonl"] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (order.dataset / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadDataset, match="no readings to learn from"):
        train(order, QUIET, silent)
