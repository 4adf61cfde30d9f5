"""A rail's card names what it was trained on by hashes, folders too."""

import hashlib
import json

import pytest

from finetune.errors import BadSource
from finetune.rails.rail_card import READ, write_rail_card


@pytest.fixture
def data(tmp_path):
    """Every file that a rail's training reads, and a folder where it reads one."""
    for read in READ.values():
        for part in (*read.trained, *read.held_out):
            place = tmp_path / "data" / part
            file = place if place.suffix else place / "deep" / "page.md"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(part)
    (tmp_path / "grounding.json").write_text("{}")
    return tmp_path / "data"


def test_it_lies_beside_the_model_and_is_called_by_the_models_hash(data):
    model = data.parent / "grounding.json"
    card = write_rail_card("grounding", model, data, {"emphasis": 3})
    assert card["name"] == f"grounding-{hashlib.sha256(b'{}').hexdigest()[:12]}"
    assert json.loads((data.parent / "grounding" / "card.json").read_text())["dataset"] == card["dataset"]
    (first, *_) = card["dataset"]["sources"]
    assert first == {
        "name": "guard/grounding/train.jsonl.gz",
        "sha256": hashlib.sha256(b"guard/grounding/train.jsonl.gz").hexdigest(),
    }
    assert "qa/dev.json" in [each["name"] for each in card["dataset"]["held_out"]]


def test_any_page_of_a_folder_counts(data):
    model = data.parent / "grounding.json"
    before = write_rail_card("encoder", model, data, {})["dataset"]
    (data / "corpus" / "handbook" / "deep" / "page.md").write_text("changed")
    after = write_rail_card("encoder", model, data, {})["dataset"]
    told = [
        {each["name"]: each["sha256"] for each in dataset["sources"]}.items() for dataset in (before, after)
    ]
    assert {name for name, _ in told[0] - told[1]} == {"corpus/handbook"}
    assert before["hash"] != after["hash"]


def test_a_file_that_is_not_there_is_named(data):
    (data / "qa" / "train.jsonl.gz").unlink()
    with pytest.raises(BadSource, match=r"qa/train\.jsonl\.gz: not there"):
        write_rail_card("grounding", data.parent / "grounding.json", data, {})
