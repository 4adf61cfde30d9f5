import json
import random
from dataclasses import replace

import pytest

from eval.corpus import Corpus
from finetune.datasets.dataset import load
from finetune.datasets.examples import Example
from finetune.datasets.feedback import Feedback
from finetune.datasets.library import CorpusLibrary
from finetune.datasets.pairs import Pair, make_pairs
from finetune.datasets.readings import Shown
from ingest.access import Principal
from service.export import NOT_KEPT, Export
from tests.eval.shelf import Shelf, records
from tests.finetune.making import SMALL, files, make

PAY, LEAVE = "Pay day is the 25th of each month.", "Everybody gets 27 days of leave a year."


def row(question="How many days of leave are there?", answers=("27 days",), rejected="25th [2]"):
    return {
        "id": "a",
        "question": question,
        "answers": list(answers),
        "passages": [LEAVE, PAY],
        "answerable": bool(answers),
        "source": "feedback",
        "title": "Leave",
        "feedback": {
            "titles": ["Leave", "Pay"],
            "documents": ["file:///leave.md", "file:///pay.md"],
            "rejected": rejected,
        },
    }


def feedback(*rows, **skipped):
    return Feedback(lambda: Export(list(rows), skipped))


@pytest.mark.parametrize(("groups", "restricted"), [((), 0), (("hr",), 1)])
def test_documents_that_are_kept_to_some_are_counted_and_a_licence_is_kept(tmp_path, groups, restricted):
    found = records(
        {"leave.md": ("Leave", LEAVE, groups), "other.md": ("Other", LEAVE, ("hr",))}, base="file://"
    )
    library = CorpusLibrary(Corpus(Shelf(found), Principal.administrator()))
    done = Feedback(lambda: Export([row()], {}), lambda: library, "CC0").gather()
    assert (done.facts, done.license) == ({"restricted": restricted}, "CC0")
    (tmp_path / "exported.jsonl").write_text(json.dumps(row()))
    assert files(tmp_path / "exported.jsonl", library=library)[0].gather().facts == done.facts


def test_a_correction_becomes_a_pair_and_a_question(tmp_path):
    manifest = make(
        [feedback(row(), row(question="When is pay day?", answers=(), rejected="the 27th [1]"))],
        tmp_path / "data",
    )
    built = load(tmp_path / "data")
    assert manifest["pairs"] == 2
    told = {pair.question: pair for pair in built.pairs}
    pair = told["How many days of leave are there?"]
    place = pair.passages.index(Shown("Leave", LEAVE)) + 1
    assert (pair.chosen, pair.rejected) == (f"27 days [{place}]", f"25th [{3 - place}]")
    assert set(pair.passages) == {Shown("Leave", LEAVE), Shown("Pay", PAY)}
    assert told["When is pay day?"].chosen == "I don't know"
    asked = {asked.question: asked.kind for reading in built.train for asked in reading.asked}
    assert asked["How many days of leave are there?"] == "answerable"


@pytest.mark.parametrize("seed", range(4))
def test_passages_stand_in_any_order_and_citations_follow(seed):
    shown = tuple(Shown(str(n), f"text {n}") for n in range(2, 5))
    example = Example("f", "feedback", "1", "1", "text 1", "Why?", "text", "text 3 [3], not [9]", shown)
    (pair,) = make_pairs([example], random.Random(seed))  # noqa: S311  # an order, not a secret
    where = {passage.text: place for place, passage in enumerate(pair.passages, start=1)}
    assert pair.chosen == f"text [{where['text 1']}]"
    assert pair.rejected == f"text 3 [{where['text 3']}], not [9]"


def test_feedback_says_what_was_left_out_and_is_always_learnt_from(tmp_path):
    manifest = make(
        [feedback(row(), **{NOT_KEPT: 3})], tmp_path / "data", replace(SMALL, validation=0.5, test=0.4)
    )
    (source,) = manifest["sources"]
    assert (source["kind"], source["examples"], source["skipped"]) == ("feedback", 1, {NOT_KEPT: 3})
    assert manifest["splits"]["train"]["examples"] == 1


def test_an_answer_without_a_rejected_one_is_no_pair(tmp_path):
    assert make([feedback(row(rejected=None))], tmp_path / "data")["pairs"] == 0
    assert load(tmp_path / "data").pairs == []


def test_pairs_are_read_as_they_were_written(tmp_path):
    make([feedback(row())], tmp_path / "data")
    (pair,) = load(tmp_path / "data").pairs
    assert isinstance(pair, Pair)
    assert all(isinstance(passage, Shown) for passage in pair.passages)
