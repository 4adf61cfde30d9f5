"""The generator on a small corpus: what it makes of each kind, and that all of it holds."""

import pytest

from eval.corpus import Corpus
from eval.errors import NothingToAsk
from eval.evidence import says, stands
from eval.testset import RULES, Order, RuleGenerator
from ingest.access import Principal
from tests.eval.shelf import DOCUMENTS, Shelf, records

ADMIN = Principal.administrator()


def generate(*kinds, documents=DOCUMENTS, principal=ADMIN, count=200, seed=7):
    order = Order(count, kinds or tuple(RULES), seed)
    return RuleGenerator().generate(Corpus(Shelf(records(documents)), principal), order)


def asked(*kinds, **options):
    return {question.question: question for question in generate(*kinds, **options)}


def test_facts_and_cells_are_asked_for_with_their_evidence():
    texts = {record.uri: record.text for record in records()}
    questions = generate("factual", "table")
    assert {question.kind for question in questions} == {"factual", "table"}
    for question in questions:
        [one] = question.evidence
        assert stands(one, texts[one.uri])
        assert all(says(answer, texts[one.uri][one.start : one.end]) for answer in question.answers)
        assert question.documents == (one.uri,)
        assert not question.reviewed
    words = {question.question: question.answers for question in questions}
    assert words["When was Norvik founded?"] == ("2009",)
    assert words["What is the price of the product Aura 9?"] == ("EUR 6,790",)


def test_what_an_older_edition_says_is_asked_of_the_newer_alone():
    found = asked("outdated")
    hotel = found['According to the current "Travel policy", how much may a hotel cost a night?']
    assert hotel.answers == ("EUR 165",)
    assert hotel.documents == ("file:///docs/travel-2026.md",)
    assert not [q for q in generate() if any(uri.endswith("2023.md") for uri in q.documents)]


def test_comparisons_need_two_passages():
    questions = asked("multi_passage")
    heavier = questions["Which has the higher weight, Aura 6 or Aura 9?"]
    assert (heavier.answers, len(heavier.evidence)) == (("Aura 9",), 2)


def test_facts_of_two_documents_are_compared():
    documents = {
        "a.md": ("Plan A", "The budget of project Meri is EUR 900,000.", ()),
        "b.md": ("Plan B", "The budget of project Norra is EUR 640,000.", ()),
    }
    [question] = generate("multi_passage", documents=documents)
    assert "higher budget" in question.question
    assert question.answers == ("project Meri",)
    assert len(question.documents) == 2


def test_what_is_unanswerable_stands_nowhere():
    everything = " ".join(record.text for record in records())
    questions = generate("unanswerable")
    assert questions
    for question in questions:
        assert (question.answerable, question.answers, question.evidence) == (False, (), ())
    assert "What is the price of the product Aura 38?" in {question.question for question in questions}
    assert "Aura 38" not in everything


def test_a_swapped_name_that_is_in_the_corpus_after_all_is_not_asked_for():
    told = {"more.md": ("More", "We also made the Aura 38 and the Aura 35 once.", ())}
    found = asked("unanswerable", documents=DOCUMENTS | told)
    assert "What is the price of the product Aura 38?" not in found
    assert "What is the price of the product Aura 35?" not in found


def test_what_is_kept_to_a_group_is_asked_by_somebody_without_it():
    found = asked("permission")
    question = found["What is the salary of the role Engineer?"]
    assert (question.forbidden, question.groups, question.answerable) == (("EUR 4,480",), (), False)
    assert question.evidence
    assert not question.documents
    assert not Principal.may_read(question.principal, records()[-1].access)


def test_what_everybody_may_read_elsewhere_is_not_forbidden():
    public = {"news.md": ("News", "An engineer gets EUR 4,480.", ())}
    found = asked("permission", documents=DOCUMENTS | public)
    assert "What is the salary of the role Engineer?" not in found
    assert "What is the salary of the role Accountant?" in found


def test_a_follow_up_comes_after_an_answered_question():
    questions = generate("follow_up")
    rows = [q for q in questions if q.question == "And of the product Aura 9?"]
    assert {(q.history[0].content, q.history[1].content, q.answers[0]) for q in rows} >= {
        ("What is the price of the product Aura 6?", "EUR 5,490", "EUR 6,790")
    }
    assert any(question.question == "What is it?" for question in questions)


def test_a_question_with_two_answers_is_dropped():
    documents = {
        "a.md": ("A", "Norvik Oy was founded in 1987.", ()),
        "b.md": ("B", "Norvik Oy was founded in 1988. The Kiel token is valid for 60 minutes.", ()),
    }
    assert set(asked("factual", documents=documents)) == {"For how long is the Kiel token valid?"}


def test_a_principal_without_groups_sees_and_asks_nothing_of_them():
    principal = Principal("default", "someone", frozenset())
    questions = generate(principal=principal)
    assert {question.groups for question in questions} == {()}
    assert not [q for q in questions if q.kind == "permission" or "4,480" in " ".join(q.answers)]


def test_the_same_seed_gives_the_same_set_in_equal_shares():
    assert generate(count=12, seed=3) == generate(count=12, seed=3)
    kinds = [question.kind for question in generate(count=14)]
    assert all(kinds.count(kind) == 2 for kind in RULES)


def test_an_empty_corpus_gives_an_error_that_says_so():
    with pytest.raises(NothingToAsk, match="is anything indexed"):
        generate(documents={})
