import asyncio

import pytest

from eval.corpus import Corpus, Source
from eval.errors import JudgeFailed
from eval.testset import RuleGenerator
from finetune.datasets.by_rules import ByRules
from finetune.datasets.by_teacher import FAILED, ByTeacher, Pair, Pairs
from finetune.datasets.cloze import clozes
from finetune.datasets.corpus import Documents
from finetune.datasets.targets import OWN_WORDS, UNGROUNDED
from finetune.errors import BadSource
from guardrails.grounding import Grounding
from ingest.access import Principal
from tests.eval.shelf import Shelf
from tests.finetune.making import NEVER

ADMIN = Principal.administrator()
STAFF = Principal("default", "reader")


def gathered(reader=ADMIN, maker=None, grounding=Grounding, shelf=None, count=200):
    corpus = Corpus(shelf or Shelf(), reader)
    return Documents(corpus, maker or ByRules(RuleGenerator()), grounding, count, 7).gather()


def test_every_question_is_answered_by_its_passage_or_by_no_document():
    done = gathered()
    texts = {record.uri: record.text for record in Shelf().records}
    origins = {example.origin for example in done.examples}
    assert origins == {"factual", "table", "outdated", "unanswerable", "cloze"}
    for example in done.examples:
        assert example.passage in texts[example.article]
        assert (example.answer is None) == (example.origin == "unanswerable")
        assert example.answer is None or example.answer in example.passage
    assert (done.drawn, done.kind, len(done.sha256)) == (True, "corpus", 12)


def test_what_a_reader_may_not_see_is_in_no_example():
    told = str([(example.passage, example.answer) for example in gathered(STAFF).examples])
    assert "4,480" not in told
    assert "4,480" in str(gathered().examples)


def test_documents_that_are_kept_to_some_are_counted():
    assert gathered().facts == {"reader": "local-administrator", "restricted": 1}
    assert gathered(STAFF).facts == {"reader": "reader", "restricted": 0}


def test_a_licence_is_kept():
    documents = Documents(Corpus(Shelf(), ADMIN), ByRules(RuleGenerator()), Grounding, 9, 7, "CC0")
    assert documents.gather().license == "CC0"


def test_what_the_grounding_rail_objects_to_is_left_out_and_counted():
    done = gathered(grounding=lambda: NEVER)
    assert {example.origin for example in done.examples} == {"unanswerable"}
    assert done.skipped[UNGROUNDED] > 5


def test_without_documents_it_says_so():
    with pytest.raises(BadSource, match="is anything indexed"):
        gathered(shelf=Shelf([]))


TEXT = """Leave policy

Carry-over

Up to 5 days may be carried over by every employee. Unused days lapse on 31 March
2027 for all. One or two of them came late on that day, as it seems. The rest is for the reader to find out.
"""


def test_a_cloze_leaves_out_what_the_sentence_has_once():
    made = [(cloze.question, cloze.answer) for cloze in clozes(Source("u", "Leave", TEXT))]
    assert made == [
        (
            'Carry-over: what is missing in "Up to ... may be carried over by every employee"?',
            "5 days",
        ),
        ('Carry-over: what is missing in "Unused days lapse on ... for all"?', "31 March 2027"),
    ]


class Writer:
    """Copies, rewords, or fails, by what the passage is."""

    def __init__(self):
        self.asked, self.most = 0, 0

    async def fill(self, prompt, _form):
        self.asked += 1
        self.most = max(self.most, self.asked)
        await asyncio.sleep(0)
        self.asked -= 1
        if "Aura 6" in prompt:
            raise JudgeFailed("the judge failed: no")
        return Pairs(
            pairs=[
                Pair(question="How long is the probation period? ", answer="four months."),
                Pair(question="How long is it?", answer="a third of a year"),
            ]
        )


class Down:
    async def fill(self, _prompt, _form):
        raise JudgeFailed("the judge failed: it is down")


def test_a_teachers_answers_are_kept_where_they_are_copied():
    writer = Writer()
    done = gathered(maker=ByTeacher(writer, concurrency=1))
    assert [(e.question, e.answer, e.origin) for e in done.examples] == [
        ("How long is the probation period?", "four months", "teacher")
    ]
    assert done.skipped == {FAILED: 1, OWN_WORDS: 1}
    assert writer.most == 1


def test_a_teacher_that_writes_nothing_is_told_of():
    with pytest.raises(BadSource, match="it is down"):
        gathered(maker=ByTeacher(Down()))
