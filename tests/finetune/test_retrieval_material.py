"""What models of search are trained on: collections, made-up questions, and near but wrong passages."""

import json
import random

import pytest

from eval.collection import Collection, Entry
from finetune.errors import BadSource
from finetune.retrieval.figures import trial
from finetune.retrieval.index import indexed
from finetune.retrieval.judgements import own, refused
from finetune.retrieval.live import live
from finetune.retrieval.material import Material, read
from finetune.retrieval.negatives import Miner
from finetune.retrieval.parts import Part, Split, piece, whole
from finetune.retrieval.questions import Pair, asked
from ingest.hashing import HashEmbedder
from ingest.store import Mode

SPLIT = Split(tune=20, held=40)
TOPICS = ("leave", "rent", "travel", "pay", "sick", "lunch", "phones", "bikes", "keys", "training")
ENTRIES = tuple(
    Entry(
        f"{topic}-{number}",
        f"Handbook > About {topic} {number}",
        f"The {topic} office number {number} opens at {number + 6}:00 for everyone. "
        f"Ask about {topic}, {topic}hood{number} and {topic}dom{number} on any weekday of the year, please.",
    )
    for topic in TOPICS
    for number in (1, 2)
)
QUERIES = {
    entry.name: f"when does the {entry.name.replace('-', ' office number ')} open" for entry in ENTRIES
}
MADE = Collection("made", ENTRIES, QUERIES, {name: frozenset({name}) for name in QUERIES})
BARE = Collection("bare", ENTRIES, {}, {})


@pytest.fixture(scope="module")
def indices():
    with indexed([MADE, BARE], HashEmbedder(128)) as made:
        yield made


def dice():
    return random.Random(5)  # noqa: S311  # a reproducible choice, not a secret


def test_parts_are_disjoint_and_hold_everything():
    parts = [SPLIT.only(MADE, part) for part in Part]
    assert sum(len(part.queries) for part in parts) == len(QUERIES)
    assert {name for part in parts for name in part.queries} == set(QUERIES)
    assert all(part.queries.keys() == part.relevant.keys() for part in parts)
    assert all(part.queries for part in parts)


@pytest.mark.parametrize("name", ["file:///a.md", "Leave", "a\u2028b"])
def test_pieces_of_a_document_never_come_apart(name):
    pieces = [piece(name, number) for number in range(50)]
    assert {whole(each) for each in pieces} == {name}
    assert {SPLIT.part(each) for each in pieces} == {SPLIT.part(name)}


def test_the_shares_of_a_split_are_about_what_they_say():
    parts = [Split().part(f"document {number}") for number in range(3_000)]
    assert 0.26 < parts.count(Part.HELD) / 3_000 < 0.34
    assert 0.08 < parts.count(Part.TUNE) / 3_000 < 0.12


def test_a_file_of_questions_is_a_collection_of_its_passages(tmp_path):
    file = tmp_path / "squad.json"
    asked_there = [
        {
            "id": "1",
            "question": "Who?",
            "answers": [{"text": "Ada", "answer_start": 0}],
            "is_impossible": False,
        },
        {"id": "2", "question": "When?", "answers": [], "is_impossible": True},
    ]
    paragraphs = [{"context": "Ada wrote it.", "qas": asked_there}]
    file.write_text(json.dumps({"data": [{"title": "Ada_Lovelace", "paragraphs": paragraphs}]}))
    [material] = read(file)
    [entry] = material.collection.entries
    assert (whole(entry.name), entry.title, entry.text) == ("Ada_Lovelace", "Ada Lovelace", "Ada wrote it.")
    assert list(material.collection.queries.values()) == ["Who?"]
    assert list(material.collection.relevant.values()) == [{entry.name}]
    made = list(refused(Material(material.collection, Split(0, 0), material.paragraphs), 0.0, dice()))
    assert [(row.question, row.answers) for row in made] == [("When?", False), ("Who?", True)]
    assert {row.passage for row in made} == {"Ada Lovelace\nAda wrote it."}


def test_what_is_no_material_is_told(tmp_path):
    with pytest.raises(BadSource, match="neither a folder"):
        read(tmp_path / "nothing.json")


def test_what_is_indexed_is_a_collection_of_chunks():
    chunk = {"uri": "file:///a", "title": "A", "heading": "", "text": "words"}
    said = {"chunks": [chunk, chunk | {"heading": "A > B"}]}
    collection = live(lambda command, given: said | {"asked": (command, given)}, "acme")
    assert collection.name.startswith("acme")
    assert [(whole(name), title, text) for name, title, text in collection.entries] == [
        ("file:///a", "A", "words"),
        ("file:///a", "A > B", "words"),
    ]
    assert len({entry.name for entry in collection.entries}) == 2
    with pytest.raises(BadSource, match="nothing is indexed"):
        live(lambda *_: {"chunks": []}, "acme")


def test_passages_give_questions_by_their_headings_their_facts_and_their_rare_words(indices):
    points = indices[1].points()
    pairs = asked(points, 1, dice())
    of_one = [pair for pair in pairs if pair.name == "leave-1"]
    questions = {pair.question for pair in of_one}
    assert "About leave 1" in questions
    assert "When does the leave office number 1 open?" in questions
    [heading] = [pair for pair in of_one if pair.question == "About leave 1"]
    assert heading.passage.startswith("Handbook > About leave 1\nThe leave office")
    assert len(of_one) >= 3
    words = [pair.question for pair in asked(points, 2, dice()) if pair.question.islower()]
    assert words
    assert all(3 <= len(text.split()) <= 7 for text in words)


def test_a_heading_above_two_documents_asks_for_neither():
    entries = tuple(
        Entry(name, "Our goals", f"In {name} we want to be better than last year, every day.")
        for name in "ab"
    )
    with indexed([Collection("goals", entries, {}, {})], HashEmbedder()) as [index]:
        assert asked(index.points(), 0, dice()) == []


def test_negatives_are_near_and_of_other_documents_that_are_trained_on(indices):
    names = [entry.name for entry in ENTRIES if SPLIT.part(entry.name) is Part.TRAIN]
    pairs = [Pair(QUERIES[name], "no text", name) for name in names]
    mined = list(Miner(indices[0], SPLIT, dice()).mined(pairs, 3))
    assert [each.pair for each in mined] == pairs
    texts = {f"{title}\n{text}": name for name, title, text in ENTRIES}
    for each in mined:
        assert len(each.negatives) == 3
        found = {texts[text] for text in each.negatives}
        assert found <= set(names) - {each.pair.name}


def test_made_up_questions_have_no_negatives_of_their_own_document():
    entries = tuple(
        Entry(piece(uri, n), f"{uri} {n}", f"leave and rent {n} of the house {uri}")
        for uri in "abc"
        for n in (1, 2)
    )
    with indexed([Collection("pieces", entries, {}, {})], HashEmbedder()) as [index]:
        everything = Split(0, 0)
        for made_up, documents in ((True, {"b", "c"}), (False, {"a", "b", "c"})):
            near = Miner(index, everything, dice(), made_up=made_up).near("leave and rent", {piece("a", 1)})
            assert {text.split()[0] for text in near} == documents


def test_a_reranker_learns_that_the_own_passage_answers_and_the_near_ones_do_not(indices):
    material = Material(MADE, SPLIT)
    train = SPLIT.only(MADE, Part.TRAIN)
    rows = list(own(material, indices[0], most=100, negatives=4, dice=dice()))
    answered = [row.question for row in rows if row.answers]
    assert len(answered) == len(set(answered)) == len(train.queries)
    assert all(4 <= sum(row.question == text for row in rows) - 1 <= 5 for text in answered)
    assert {row.question for row in rows} == set(train.queries.values())
    held = {QUERIES[name] for name in QUERIES} - {row.question for row in rows}
    assert held
    for row in rows:
        [name] = [name for name, text in QUERIES.items() if text == row.question]
        assert (f"Handbook > About {name.replace('-', ' ')}" in row.passage) is row.answers
    assert list(refused(material, 1.0, dice())) == []


def test_a_collection_is_measured_by_its_own_questions_or_by_what_its_documents_give(indices):
    own_questions = trial(Material(MADE, SPLIT), indices[0], 7, Part.HELD)
    assert own_questions.questions.queries == SPLIT.only(MADE, Part.HELD).queries
    made_up = trial(Material(BARE, SPLIT), indices[1], 7, Part.HELD)
    assert {SPLIT.part(min(names)) for names in made_up.questions.relevant.values()} == {Part.HELD}
    for one in (own_questions, made_up):
        scores = one.scores(one.index.search(Mode.SPARSE))
        assert scores.keys() == one.questions.queries.keys()
        assert all(0 < score <= 1 for score in scores.values())
