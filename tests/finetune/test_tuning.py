import json
from dataclasses import replace

import pytest

from finetune.datasets.examples import EXAMPLES, Example, write_examples
from finetune.errors import BadDataset, OtherRun
from finetune.training import curve
from finetune.training.tuning import Plan, search
from tests.finetune.lessons import HYPER, READINGS, TRAINING, written
from tests.finetune.shapes import kept, shape

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def plan(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    data = written(tmp_path / "data")
    kept_examples = [
        Example(
            "file", "", f"room {number}", "", reading.passages[0].text, "What is its code?", str(number * 7)
        )
        for number, reading in enumerate(READINGS)
    ]
    write_examples(data / EXAMPLES, kept_examples)
    return Plan(
        data, tmp_path / "out", str(model), tmp_path, trials=2, folds=2, hyper=replace(HYPER, steps=4)
    )


def test_a_search_that_was_stopped_goes_on_with_what_it_has_not_tried(plan, monkeypatch):
    seen = []

    def stop(trial):
        seen.append(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        search(plan, stop)
    found = search(plan, seen.append)
    done = [trial for trial in found if trial.state == "complete"]
    assert [trial.number for trial in seen] == sorted(trial.number for trial in done)
    assert len(done) == 2
    assert done[0].chosen != done[1].chosen
    assert done[0].loss <= done[1].loss
    assert set(done[0].chosen) == {"learning_rate", "rank", "dropout", "weight_decay"}
    assert not list(plan.out.glob("trial.*"))
    curve.draw_trials(found, plan.out / "search.png")
    assert (plan.out / "search.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(OtherRun, match=r"steps \d+, not 5"):
        search(replace(plan, hyper=replace(plan.hyper, steps=5)), seen.append)


def test_a_dataset_that_cannot_be_divided_is_told(plan):
    with pytest.raises(BadDataset, match="too few documents for 40 folds"):
        search(replace(plan, folds=40), print)
    (plan.dataset / EXAMPLES).unlink()
    with pytest.raises(BadDataset, match="build it anew"):
        search(plan, print)
    assert len(TRAINING) == json.loads((plan.dataset / "manifest.json").read_text())["readings"] - 2
