import gzip
import json

import pytest

from eval.errors import BadQuestions
from eval.grounding_texts import unseen_texts

LONG = "Anna Berg has led the house in Turku since 1990. " * 5


def test_paragraphs_pages_and_passages_of_some_length_are_read(tmp_path):
    (tmp_path / "qa").mkdir()
    paragraphs = [{"context": f"{LONG}squad"}, {"context": "Too short."}]
    (tmp_path / "qa" / "dev.json").write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}))
    (tmp_path / "corpus" / "handbook").mkdir(parents=True)
    page = tmp_path / "corpus" / "handbook" / "page.md"
    page.write_text(f"# Page\n\n{LONG}[pages](http://x.y)\n\n- a list\n")
    folder = tmp_path / "multiturn" / "mtrag_human" / "fiqa"
    folder.mkdir(parents=True)
    with gzip.open(folder / "corpus.jsonl.gz", "wt") as file:
        file.write(json.dumps({"text": f"{LONG}fiqa"}) + "\n")
    assert unseen_texts(tmp_path) == {
        "squad": [f"{LONG}squad"],
        "handbook": [f"{LONG}pages"],
        "fiqa": [f"{LONG}fiqa"],
    }


def test_a_folder_without_data_is_a_clear_error(tmp_path):
    with pytest.raises(BadQuestions, match="public data"):
        unseen_texts(tmp_path)
