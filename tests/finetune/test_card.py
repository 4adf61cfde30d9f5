import json

import pytest
from safetensors.torch import save_file
from torch import ones

from finetune.card import Card, add_figures, name_of, read_card, write_card
from finetune.card_page import page
from finetune.errors import BadAdapter

FIGURE = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 9, "coverage": 1.0}


def model(folder, files=("model.safetensors",)):
    folder.mkdir(exist_ok=True)
    for number, file in enumerate(files):
        save_file({"weight": ones(number + 1)}, folder / file)
    return folder


SECRET = {"name": "chats", "sha256": "123", "restricted": 2}


def card(folder, **more):
    told = {
        "name": name_of("ranker", folder),
        "base": "MiniLM",
        "dataset": {"hash": "abcdef", "licenses": ["MIT"], "sources": [SECRET, {**SECRET, "restricted": 0}]},
        "hyperparameters": {"epochs": 2},
        "intended_use": "Puts passages in order.",
        "limits": "English.",
    }
    return Card(**told | more)


def test_a_card_of_anything_is_written_for_programs_and_for_people(tmp_path):
    losses = {"steps": 9, "minutes": 1.5, "validation_loss": [(n, 1 / n) for n in range(1, 10)]}
    made = card(
        model(tmp_path), training=losses, curve="curve.png", bias={"women": {"f1": FIGURE}, "men": {}}
    )
    written = write_card(tmp_path, made)
    assert read_card(tmp_path) == json.loads(json.dumps(written))
    text = (tmp_path / "card.md").read_text()
    for said in (
        "- licence: MIT",
        "- source: chats (sha256 123)\n  - 2 of its documents are not for everybody",
        "- source: chats (sha256 123)\n- licence",
        "- epochs: 2",
        "trained: 9 steps in 1.5 minutes",
        "![Loss by step](curve.png)",
        "0.111 (step 9)",
        "| f1 | 0.500 [0.400, 0.600] (9) |  |",
    ):
        assert said in text


def test_figures_and_groups_are_added_to_the_card_of_these_weights_alone(tmp_path):
    write_card(tmp_path, card(model(tmp_path)))
    told = add_figures(tmp_path, {"ranker": {"ndcg": FIGURE}}, "make quality", {"women": {"ndcg": FIGURE}})
    assert told["bias"]["women"]["ndcg"] == told["figures"]["ranker"]["ndcg"] == FIGURE
    save_file({"weight": ones(7)}, tmp_path / "model.safetensors")
    with pytest.raises(BadAdapter, match="not those of ranker-"):
        add_figures(tmp_path, {}, "make quality")


@pytest.mark.parametrize("damaged", ["", "{", "{}", "[]", "[1]", "null", "7", b"\xff"])
def test_a_card_that_names_nothing_is_a_clear_error(tmp_path, damaged):
    file = model(tmp_path) / "card.json"
    file.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(BadAdapter, match=r"no readable card\.json"):
        read_card(tmp_path)


def test_a_name_is_of_all_the_weights_in_a_folder(tmp_path):
    one, two = (
        model(tmp_path / "one", ("a.safetensors",)),
        model(tmp_path / "two", ("a.safetensors", "b.safetensors")),
    )
    same = model(tmp_path / "same", ("a.safetensors", "b.safetensors"))
    assert name_of("x", one) != name_of("x", two) == name_of("x", same)
    with pytest.raises(BadAdapter, match="incomplete"):
        name_of("x", tmp_path)


def test_a_card_of_an_earlier_time_can_still_be_shown():
    old = {
        "name": "qa-1", "base": "tiny", "parent": None, "intended_use": "Answers.", "limits": "English.",
        "dataset": {"hash": "abc", "questions": {"answerable": 4}, "sources": [], "licenses": []},
        "hyperparameters": {"rank": 2}, "steps": 2, "minutes": 1, "hardware": "a machine", "revision": "r",
        "notes": [], "figures": {"qa-1": {"f1": {"mean": 0.25, "low": 0.2, "high": 0.3, "n": 8}}},
        "figures_command": "make quality",
    }  # fmt: skip
    assert "| f1 | 0.250 [0.200, 0.300] (8) |" in page(old)
