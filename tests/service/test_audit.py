"""The rails' decisions: found, exported, and ended after a time; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from guardrails.policy import Policy, Records
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict
from ingest.access import Principal
from ingest.errors import NoRecord
from ingest.journal import Screened
from service.answer import Answer, Decision
from service.audit import Audit, RotatingRecorder
from service.audited import LedgerJournal
from service.conversations import Conversations
from service.decisions import digest
from service.errors import LedgerFault
from service.ledger import Ledger, stamp
from service.records import Turn, Wanted
from tests.postgres import BOTH
from tests.service.desk import Clock

pytestmark = BOTH

ANNA, BEN, EVE = Principal("acme", "anna"), Principal("acme", "ben"), Principal("evil", "anna")
INPUT = Decision(
    "injection", Stage.INPUT, Action.BLOCK, "p-1", "an attack", "direct", 0.93, (3, 9), text_hash="h1"
)
SHADOW = replace(INPUT, rail="harm", shadow=True, action=Action.FLAG, text_hash="h2")
PASSAGE = replace(INPUT, stage=Stage.PASSAGE, document_id="d-1", text_hash="h3", text="the words")
ANSWER = Answer("ans-1", "m", "text", "stop", decisions=(INPUT, SHADOW, PASSAGE))
RULES = Policy.model_validate({"name": "r", "message": "m", "stages": {}})


def fill(ledger):
    ledger.record(ANNA, "q", ANSWER)
    ledger.record(BEN, "q", replace(ANSWER, answer_id="ans-2", decisions=(INPUT,)))
    ledger.record(EVE, "q", replace(ANSWER, answer_id="ans-3"))


def test_a_record_says_when_who_where_what_why_how_sure_and_about_which_text(ledger: Ledger):
    ledger.record(ANNA, "q", replace(ANSWER, decisions=(PASSAGE,)))
    (entry,) = Audit(ledger.transaction).page(ANNA).entries
    assert entry.pop("id")
    assert entry.pop("at") <= stamp(Clock().now.replace(year=2999))
    assert entry == {
        "tenant": "acme", "subject": "anna", "stage": "passage", "rail": "injection", "label": "direct",
        "policy": "p-1", "action": "block", "score": 0.93, "text_hash": "h3", "answer_id": "ans-1",
        "evaluation": "", "shadow": False, "reason": "an attack", "start": 3, "end": 9, "document_id": "d-1",
        "text": "the words",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["h1", "h3", "h2", "h1"]),
        ({"rail": "harm"}, ["h2"]),
        ({"stage": "passage"}, ["h3"]),
        ({"action": "block"}, ["h1", "h3", "h1"]),
        ({"shadow": True}, ["h2"]),
        ({"shadow": False}, ["h1", "h3", "h1"]),
        ({"subject": "ben"}, ["h1"]),
        ({"answer_id": "ans-1", "rail": "injection"}, ["h3", "h1"]),
        ({"answer_id": "ans-3"}, []),
        ({"document_id": "d-1"}, ["h3"]),
        ({"text_hash": "h2"}, ["h2"]),
        ({"since": "2999"}, []),
        ({"until": "2999", "rail": "harm"}, ["h2"]),
        ({"until": "2000"}, []),
    ],
)
def test_decisions_are_found_by_what_they_are_in_ones_own_tenant(ledger: Ledger, wanted, found):
    fill(ledger)
    audit = Audit(ledger.transaction)
    assert [entry["text_hash"] for entry in audit.page(ANNA, Wanted(**wanted)).entries] == found
    assert [entry["text_hash"] for entry in audit.entries(ANNA, Wanted(**wanted))] == found[::-1]


def test_a_filter_holds_from_page_to_page(ledger: Ledger):
    fill(ledger)
    audit = Audit(ledger.transaction)
    first = audit.page(ANNA, Wanted(rail="injection"), limit=2)
    second = audit.page(ANNA, Wanted(rail="injection"), 2, first.next)
    assert [entry["text_hash"] for entry in first.entries + second.entries] == ["h1", "h3", "h1"]
    assert second.next is None


def test_pruning_deletes_what_is_named_and_only_in_ones_own_tenant(ledger: Ledger):
    fill(ledger)
    audit = Audit(ledger.transaction)
    names = [entry["id"] for tenant in (ANNA, EVE) for entry in audit.entries(tenant)]
    audit.prune(ANNA, names[1:])
    assert [entry["id"] for entry in audit.entries(ANNA)] == names[:1]
    assert len(list(audit.entries(EVE))) == 3


@pytest.mark.parametrize(("days", "left"), [(30, 0), (0, 3), (400_000, 3)])
def test_decisions_end_after_their_days_as_new_ones_come(ledger: Ledger, days, left):
    clock = Clock()
    clock.now = clock.now.replace(year=2999)
    recorder = RotatingRecorder(ledger, Audit(ledger.transaction, days, clock))
    recorder.record(ANNA, "q", ANSWER)
    assert len(list(Audit(ledger.transaction).entries(ANNA))) == left
    recorder.record(ANNA, "q", replace(ANSWER, answer_id="ans-2"))
    clock.now += timedelta(minutes=59)  # it is not looked at with every answer
    assert len(list(Audit(ledger.transaction).entries(ANNA))) == left + 3


def test_an_answer_is_kept_though_old_decisions_cannot_be_deleted(ledger: Ledger):
    class Stuck(Audit):
        def rotate(self):
            raise LedgerFault("locked")

    RotatingRecorder(ledger, Stuck(ledger.transaction)).record(ANNA, "q", ANSWER)
    assert len(Audit(ledger.transaction).page(ANNA).entries) == 3


def test_texts_of_a_deleted_conversation_leave_the_audit_and_the_decisions_stay(ledger: Ledger):
    fill(ledger)
    talks = Conversations(ledger.transaction, 0, 50)
    talks.keep(ANNA, "c-1", Turn("ans-1", "q", "q", "text"))
    talks.forget(ANNA, "c-1")
    entries = Audit(ledger.transaction).page(ANNA, Wanted(answer_id="ans-1")).entries
    assert [entry["text"] for entry in entries] == [None, None, None]


def screened(*findings, policy=RULES):
    return Screened(
        "acme", "anna", "d-1", policy, Verdict(Action.FLAG, "", findings, judged="to anna@acme.com")
    )


MAIL = Finding("pii", "EMAIL_ADDRESS", Action.FLAG, 0.8, 3, 16, "an e-mail address")


def test_a_documents_decisions_are_on_record_one_a_kind_with_how_many(ledger: Ledger):
    told = []
    other = replace(MAIL, rail="injection", label=FAILED, reason="OSError at x.py:3")
    LedgerJournal(ledger, told.append).note(screened(MAIL, replace(MAIL, score=0.9), other))
    entries = Audit(ledger.transaction).page(ANNA).entries
    assert sorted((each["rail"], each["label"], each["reason"], each["score"]) for each in entries) == [
        ("injection", "failed", "OSError at x.py:3", 0.8),
        ("pii", "EMAIL_ADDRESS", "an e-mail address (2 times)", 0.9),
    ]
    assert {(each["stage"], each["document_id"], each["subject"], each["answer_id"]) for each in entries} == {
        ("document", "d-1", "anna", "")
    }
    assert {each["text_hash"] for each in entries} == {digest("acme", "to anna@acme.com")}
    assert {each["text"] for each in entries} == {None}
    assert [decision.rail for decision in told[0]] == ["pii", "injection"]


def test_a_documents_text_is_on_record_where_the_policy_says_so(ledger: Ledger):
    LedgerJournal(ledger).note(screened(MAIL, policy=RULES.model_copy(update={"audit": Records(texts=True)})))
    assert [entry["text"] for entry in Audit(ledger.transaction).page(ANNA).entries] == ["to anna@acme.com"]


def test_decisions_that_cannot_be_put_on_record_stop_the_document(ledger: Ledger):
    class Full:
        def screened(self, *_):
            raise LedgerFault("the disk is full")

    with pytest.raises(NoRecord, match="could not be put on record"):
        LedgerJournal(Full()).note(screened(MAIL))
