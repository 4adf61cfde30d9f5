import pytest
import torch
from safetensors.torch import load_file, save_file

from finetune.adapter_card import Made, describe
from finetune.card import WEIGHTS, read_card
from finetune.errors import BadAdapter, BadPlace
from finetune.training.blend import blend
from finetune.training.progress import Progress

MANIFEST = {"hash": "abc", "readings": 12, "questions": {"answerable": 12}, "sources": [], "licenses": []}
HISTORY = [Progress(1, 1.0, 0.5, None, 10.0, 9.0)]


def adapter(folder, value, parent=None, shape=(2, 3)):
    folder.mkdir()
    weights = {"a": torch.full(shape, value, dtype=torch.bfloat16), "b": torch.full((2,), -value)}
    save_file(weights, folder / WEIGHTS)
    (folder / "adapter_config.json").write_text('{"r": 2}')
    (folder / "calibration.json").write_text('{"constant": -1.0, "pointed": null}')
    describe(folder, Made("qa", "tiny", MANIFEST, parent=parent), HISTORY)
    return folder


@pytest.fixture
def line(tmp_path):
    parent = adapter(tmp_path / "parent", 1.0)
    return parent, adapter(tmp_path / "child", 3.0, parent)


@pytest.mark.parametrize(("share", "value"), [(0.0, 1.0), (0.25, 1.5), (1.0, 3.0)])
def test_weights_lie_part_of_the_way_and_the_card_says_so(line, tmp_path, share, value):
    card = blend(*line, share, tmp_path / "out")
    made = load_file(tmp_path / "out" / WEIGHTS)
    assert (made["a"] == value).all()
    assert (made["b"] == -value).all()
    assert made["a"].dtype == torch.bfloat16
    assert read_card(tmp_path / "out") == card
    parent, child = (read_card(folder)["name"] for folder in line)
    assert card["notes"] == [f"weights: {share:g} of {child}, the rest of {parent} (`finetune blend`)"]
    # Other weights refuse more or less readily: constants are not inherited.
    assert {file.name for file in (tmp_path / "out").iterdir()} == {
        "adapter_config.json", WEIGHTS, "card.json", "card.md"
    }  # fmt: skip


@pytest.mark.parametrize("wrong", ["stranger", "other shape", "no card", "taken"])
def test_what_cannot_be_blended_is_told_and_nothing_is_left(line, tmp_path, wrong):
    parent, child = line
    if wrong == "stranger":
        parent = adapter(tmp_path / "stranger", 2.0)
    elif wrong == "other shape":
        child = adapter(tmp_path / "other", 3.0, parent, (4, 3))
    elif wrong == "no card":
        (child / "card.json").unlink()
    else:
        (tmp_path / "out").mkdir()
    before = sorted(tmp_path.rglob("*"))
    message = {"stranger": "went on from", "other shape": "rank", "no card": "card.json", "taken": "--out"}
    with pytest.raises((BadAdapter, BadPlace), match=message[wrong]):
        blend(parent, child, 0.5, tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before
