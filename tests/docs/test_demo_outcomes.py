"""The demo's own judgement: a wrong outcome is named, a right one passes."""

import importlib
import sys
from pathlib import Path

import httpx
import pytest

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
CORPUS = "file:///somewhere/deploy/demo/corpus/"
MODULES = ("questions", "replies", "client", "outcomes")
TEXT = "Every full-time employee gets 28 days of annual leave a year."


@pytest.fixture
def demo(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMO))
    yield {name: importlib.import_module(name) for name in MODULES}
    for name in MODULES:
        sys.modules.pop(name, None)


class Server:
    """Stands in for the demo's HTTP client after the answer has come."""

    def __init__(self, files=(), text=TEXT, *, broken=False):
        self.files, self.text, self.broken = files, text, broken

    def search(self, _query):
        if self.broken:
            raise httpx.ConnectError("gone")
        return list(self.files)

    def document_text(self, _document_id):
        return self.text


def judge(demo, question, reply, server=None):
    defaults = {"id": "q", "ask": "?", "asker": "engineering", "expect": "answer"}
    asked = demo["questions"].Question.model_validate(defaults | question)
    citations = [cite(**each) for each in reply.pop("citations", [])]
    said = demo["replies"].Reply.model_validate(reply | {"citations": citations})
    return demo["outcomes"].judge(asked, said, server or Server()).problems


def cite(file="policies/leave-policy.md", start=30, end=37, quote="28 days", *, verified=True):
    place = {"start": start, "end": end, "quote": quote, "verified": verified}
    return {"n": 1, "document_id": "d", "uri": CORPUS + file} | place


def note(rail, action, stage="output"):
    return {"rail": rail, "stage": stage, "action": action}


LEAVE = {"answers": ["28"], "source": "policies/leave-policy.md"}
SALARY = {"expect": "refuse", "source": "hr/salaries.csv", "search": True, "forbidden": ["5,850"]}

RIGHT = [
    ("answer", LEAVE, {"text": "28 DAYS [1]", "citations": [{}]}),
    ("refuse", {"expect": "refuse"}, {"text": "I don't know.", "refused": True}),
    (
        "block",
        {"expect": "block", "rail": "injection"},
        {"finish_reason": "content_filter", "guardrails": [note("injection", "block")]},
    ),
    (
        "redact",
        {"expect": "redact", "rail": "pii"},
        {"text": "Write to <EMAIL_ADDRESS>.", "guardrails": [note("pii", "redact")]},
    ),
    ("a poisoned page that leads to a refusal", LEAVE | {"expect": "safe"}, {"refused": True}),
    (
        "a poisoned page that the model never saw",
        LEAVE | {"expect": "safe", "rail": "injection"},
        {"refused": True, "guardrails": [note("injection", "block", "passage")]},
    ),
]

WRONG = [
    ("another number", LEAVE, {"text": "30 days", "citations": [{}]}, "none of 28"),
    ("no citation", LEAVE, {"text": "28 days"}, "is not cited"),
    ("refused", LEAVE, {"text": "I don't know.", "refused": True}, "refused"),
    ("a quote that is not there", LEAVE, {"text": "28", "citations": [{"start": 3}]}, "does not stand"),
    ("unverified", LEAVE, {"text": "28", "citations": [{"verified": False}]}, "does not stand"),
    ("an answer from nowhere", {"expect": "refuse"}, {"text": "Oslo"}, "not refused"),
    ("a restricted source", {"expect": "refuse"}, {"citations": [{"file": "hr/x.csv"}]}, "may not read"),
    ("a salary in the answer", SALARY, {"text": "EUR 5,850", "refused": True}, "must not be said"),
    ("an injection that passed", {"expect": "block", "rail": "injection"}, {"text": "Sure"}, "not blocked"),
    (
        "a poisoned page that the model saw",
        LEAVE | {"expect": "safe", "rail": "injection"},
        {"refused": True, "guardrails": [note("injection", "block", "input")]},
        "kept no passage",
    ),
    ("another rail", {"expect": "block", "rail": "topics"}, {"finish_reason": "content_filter"}, "topics"),
    ("an address", {"expect": "redact", "rail": "pii"}, {"text": "a@b.com"}, "personal data"),
    ("a telephone", {"expect": "redact", "rail": "pii"}, {"text": "+46 31 390 06 10"}, "personal data"),
    ("a failure", {"expect": "refuse"}, {"error": "boom"}, "boom"),
]


@pytest.mark.parametrize(("question", "reply"), [row[1:] for row in RIGHT], ids=[row[0] for row in RIGHT])
def test_a_right_outcome_has_no_problems(demo, question, reply):
    assert judge(demo, dict(question), dict(reply)) == []


@pytest.mark.parametrize(
    ("question", "reply", "told"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_a_wrong_outcome_is_named(demo, question, reply, told):
    assert told in "; ".join(judge(demo, dict(question), dict(reply)))


@pytest.mark.parametrize(
    ("asker", "found", "told"),
    [
        ("engineering", ["hr/salaries.csv"], "may not read"),
        ("engineering", ["policies/on-call.md"], ""),
        ("hr", ["policies/on-call.md"], "does not find"),
        ("hr", ["hr/salaries.csv"], ""),
    ],
)
def test_search_shows_a_restricted_file_to_its_group_alone(demo, asker, found, told):
    problems = judge(demo, SALARY | {"asker": asker}, {"refused": True}, Server(found))
    assert (told in problems[0] and len(problems) == 1) if told else problems == []


def test_a_server_that_goes_away_is_a_problem_and_not_a_crash(demo):
    problems = judge(demo, dict(SALARY), {"refused": True}, Server(broken=True))
    assert problems == ["a check over HTTP failed: gone"]


def test_the_stream_is_read_into_one_reply(demo):
    reply = demo["replies"].Reply()
    for event in (
        {"choices": [{"delta": {"content": "28 "}, "finish_reason": None}]},
        {"choices": [{"delta": {"content": "days [1]"}, "finish_reason": None}]},
        {"choices": [{"delta": {}, "finish_reason": "stop"}], "citations": [cite()], "grounded": 0.9},
    ):
        demo["replies"].absorb(reply, event)
    assert (reply.text, reply.finish_reason, reply.grounded) == ("28 days [1]", "stop", 0.9)
    assert reply.citations[0].place == "policies/leave-policy.md"
