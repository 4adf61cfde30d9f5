import json

import pytest

from eval.corpus import Corpus, Source
from finetune.datasets.chats import NO_PASSAGE, REFUSED
from finetune.datasets.examples import Example
from finetune.datasets.library import CorpusLibrary, passages
from finetune.datasets.readings import Shown
from finetune.datasets.targets import CITES_NO_PASSAGE, TOO_LONG
from finetune.errors import BadSource
from ingest.access import Principal
from service.prompts import messages as prompt
from tests.eval.shelf import Shelf, records
from tests.finetune.making import files

LEAVE = "Every employee gets 28 days of paid leave a year. The notice period is three months."
ASKED = "How many days of leave does every employee get?"
READER = Principal("default", "reader")


def chat(*turns, system=LEAVE):
    said = [{"role": "user" if n % 2 == 0 else "assistant", "content": text} for n, text in enumerate(turns)]
    return {"messages": [{"role": "system", "content": system}, *said]}


def gathered(tmp_path, *chats, name="chats.jsonl", library=None):
    file = tmp_path / name
    text = json.dumps(list(chats)) if file.suffix == ".json" else "\n".join(map(json.dumps, chats))
    file.write_text(text)
    return files(file, library=library)[0].gather()


SHAREGPT = {
    "conversations": [
        {"from": "system", "value": LEAVE},
        {"from": "human", "value": ASKED},
        {"from": "gpt", "value": "28 days."},
    ]
}
PARTS = chat(ASKED, "28 days")
PARTS["messages"][1]["content"] = [{"type": "text", "text": ASKED}, {"type": "image_url"}]


@pytest.mark.parametrize("found", [chat(ASKED, "28 days."), SHAREGPT, PARTS])
@pytest.mark.parametrize("name", ["chats.jsonl", "chats.json"])
def test_an_answer_from_the_given_context_is_an_example(tmp_path, found, name):
    done = gathered(tmp_path, found, name=name)
    assert done.examples == [Example(name, "chat", "", "", LEAVE, ASKED, "28 days")]
    assert (done.kind, done.skipped) == ("chats", {})


def test_our_own_prompt_is_read_back_with_its_passages_and_citations(tmp_path):
    shown = [Shown("Pay", "Pay day is the 25th of each month, for all."), Shown("Leave", LEAVE)]
    said = [*prompt(ASKED, shown), {"role": "assistant", "content": "28 days [2]"}]
    (example,) = gathered(tmp_path, {"messages": said}).examples
    assert (example.question, example.answer) == (ASKED, "28 days")
    assert example.passage == f"Leave\n{LEAVE}"


def test_a_follow_up_is_made_to_stand_alone(tmp_path):
    turns = ("What is the notice period in Finland?", "three months", "And in Sweden?", "three months")
    asked = [example.question for example in gathered(tmp_path, chat(*turns)).examples]
    assert asked == ["What is the notice period in Finland?", "What is the notice period in Sweden?"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("About a month of it", NO_PASSAGE),
        ("28 days [4]", CITES_NO_PASSAGE),
        ("28 days, " * 30, TOO_LONG),
    ],
)
def test_an_answer_that_cannot_be_learnt_is_counted(tmp_path, answer, why):
    done = gathered(tmp_path, chat(ASKED, answer))
    assert (done.examples, done.skipped) == ([], {why: 1})


def test_a_refusal_is_learnt_of_the_passage_that_it_was_about(tmp_path):
    done = gathered(tmp_path, chat("How long is the leave of an employee's dog?", "I don't know."))
    assert [example.answer for example in done.examples] == [None]
    unrelated = chat("Who won?", "I don't know", system="You are a helpful assistant.")
    assert gathered(tmp_path, unrelated).skipped == {REFUSED: 1}


def test_an_answer_is_found_in_the_documents_that_the_reader_may_see(tmp_path):
    library = CorpusLibrary(Corpus(Shelf(), READER))
    talk = chat(
        "What is the probation period?",
        "four months",
        "What does an engineer earn?",
        "EUR 4,480",
        system="Hi.",
    )
    done = gathered(tmp_path, talk, library=library)
    (example,) = done.examples
    assert (example.article, example.answer) == ("file:///docs/handbook.md", "four months")
    assert example.heading == "Handbook"
    assert done.skipped == {NO_PASSAGE: 1}
    hr = CorpusLibrary(Corpus(Shelf(), Principal("default", "reader", frozenset({"hr"}))))
    told = gathered(tmp_path, talk, library=hr)
    assert (len(told.examples), told.facts, done.facts) == (2, {"restricted": 1}, {"restricted": 0})


def test_passages_of_a_document_are_its_own_words():
    for record in records():
        for passage in passages(Source(record.uri, record.title, record.text)):
            assert record.text[passage.start : passage.start + len(passage.text)] == passage.text


@pytest.mark.parametrize(
    "row", [{"messages": [{"role": "user"}]}, {"conversations": ["x"]}, {"messages": [{"content": "x"}]}]
)
def test_a_bad_conversation_is_named(tmp_path, row):
    with pytest.raises(BadSource, match="conversation 2"):
        gathered(tmp_path, chat(ASKED, "28 days"), row)
