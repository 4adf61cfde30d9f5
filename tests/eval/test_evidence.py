import pytest

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import Stale, evidence, says, stale
from ingest.access import Principal
from tests.eval.shelf import DOCUMENTS, Shelf, records

TERMS = "The warranty lasts ten years."


class Texts:
    def __init__(self, **texts):
        self.texts = texts

    def text(self, _tenant, uri):
        return self.texts.get(uri)


def row(name, *found):
    return Question(id=name, question="?", evidence=found)


def test_stale_evidence_is_named_with_its_reason():
    same, changed, gone = (evidence(uri, TERMS, 4, 12) for uri in ("a", "b", "c"))
    faults = stale(
        [row("1", same), row("2", same, changed), row("3", gone), row("4")], Texts(a=TERMS, b="The guarantee")
    )
    assert faults == [Stale("2", "b", "changed"), Stale("3", "c", "gone")]
    assert [str(fault) for fault in faults] == [
        "2: b says something else there now",
        "3: c is not indexed any more",
    ]


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        ("ten years", "lasts Ten\n years.", True),
        ("28", "has 128 days", False),
        ("28", "has 28 days", True),
        ("EUR 5.30", "EUR 5x30", False),
        ("", "anything", False),
    ],
)
def test_words_are_found_as_words(words, text, expected):
    assert says(words, text) is expected


def test_indexed_texts_are_found_by_uri_or_by_its_end():
    indexed = Indexed(Shelf())
    _, text, _ = DOCUMENTS["hr/pay.csv"]
    assert indexed.text("default", "file:///docs/hr/pay.csv") == text
    assert indexed.text("default", "hr/pay.csv") == text
    assert indexed.text("default", "pay.csv") == text
    assert indexed.text("default", "ay.csv") is None
    assert indexed.text("other", "hr/pay.csv") is None


def test_a_corpus_is_what_its_principal_may_read():
    everything = Corpus(Shelf(), Principal.administrator())
    public = Corpus(Shelf(), Principal("default", "someone"))
    assert len(list(everything.sources())) == 5
    assert len(list(public.sources())) == 4
    assert everything.fingerprint() != public.fingerprint()
    changed = {**DOCUMENTS, "handbook.md": ("Handbook", "Other words.", ())}
    assert (
        Corpus(Shelf(records(changed)), Principal.administrator()).fingerprint() != everything.fingerprint()
    )
