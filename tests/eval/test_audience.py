import pytest

from eval.audience import Audience, audiences
from eval.dataset import Question

CASES = [
    ("acme", Audience("acme", None)),
    ("acme:", Audience("acme", frozenset())),
    ("acme:hr,it", Audience("acme", frozenset({"hr", "it"}))),
]


@pytest.mark.parametrize(("text", "audience"), CASES)
def test_an_audience_is_read_as_it_is_written(text, audience):
    assert Audience.parse(text) == audience
    assert str(audience) == text


@pytest.mark.parametrize(("_text", "audience"), CASES)
def test_an_audience_asks_as_its_questions_do(_text, audience):
    groups = None if audience.groups is None else tuple(audience.groups)
    question = Question(id="q", question="?", tenant=audience.tenant, groups=groups)
    assert Audience.of(question) == audience
    assert audience.principal == question.principal


def test_who_asks_twice_is_one_audience():
    rows = [("a", ("hr", "it")), ("b", None), ("a", ("it", "hr"))]
    asked = [Question(id="q", question="?", tenant=tenant, groups=groups) for tenant, groups in rows]
    assert [str(each) for each in audiences(asked)] == ["a:hr,it", "b"]
