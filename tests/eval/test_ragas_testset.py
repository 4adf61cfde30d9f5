"""RAGAS's generator with a judge that fills in any form: what becomes of rows, and of calls that fail."""

import pytest

from eval.corpus import Corpus
from eval.errors import JudgeFailed
from eval.evidence import stands
from eval.judge import Judge, Manner
from eval.ragas_testset import RagasGenerator
from eval.testset import Order, RuleGenerator
from eval.verdicts import Verdicts
from ingest.access import Principal
from ingest.hashing import HashEmbedder
from service.endpoint import Endpoint
from tests.eval.judge_stand_in import a_tenth, judging, never
from tests.eval.shelf import DOCUMENTS, Shelf, records

# RAGAS opens its file of a user's id and leaves the closing to chance.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in.*ragas/uuid\.json:pytest.PytestUnraisableExceptionWarning"
)
CHAPTERS = {
    f"chapter-{n}.md": (f"Chapter {n}", " ".join(f"Pump {n} has part {k} of steel." for k in range(12)), ())
    for n in range(12)
}


@pytest.fixture
def generate(tmp_path):
    def run(fails, order, documents=CHAPTERS):
        with judging(fails) as (url, _):
            judge = Judge(Endpoint(url), Manner(url, "m", pause=0.01), Verdicts(tmp_path))
            maker = RagasGenerator(judge, HashEmbedder(), RuleGenerator())
            return maker.generate(Corpus(Shelf(records(documents)), Principal.administrator()), order)

    return run


@pytest.mark.parametrize("fails", [never, a_tenth])
def test_what_a_judge_writes_has_its_passages_as_evidence(generate, fails):
    texts = {record.uri: record.text for record in records(CHAPTERS)}
    questions = generate(fails, Order(4, ("factual", "multi_passage")))
    assert questions
    for question in questions:
        assert question.source == "ragas"
        assert not question.reviewed
        assert question.answers
        assert question.evidence
        assert all(stands(one, texts[one.uri]) for one in question.evidence)


def test_the_other_kinds_come_from_the_rules(generate):
    questions = generate(never, Order(8), CHAPTERS | DOCUMENTS)
    made_by = {question.kind: question.source for question in questions}
    assert made_by["permission"] == "generated"
    assert {question.source for question in questions} == {"ragas", "generated"}


def test_a_judge_that_always_fails_is_told_of(generate):
    with pytest.raises(JudgeFailed, match="has read no passage"):
        generate(lambda *_: "error", Order(2, ("factual",)))
