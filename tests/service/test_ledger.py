"""The ledger keeps what happened, tenant by tenant, and no texts."""

from dataclasses import replace

import pytest
from sqlalchemy import MetaData, create_engine, select

from guardrails.verdict import Action, Stage
from ingest.access import Principal
from service.answer import Answer, Citation, Decision, Shown
from service.audit import Audit
from service.errors import BadRequest, Ended, NotFound
from service.ledger import Ledger
from service.records import FileRecord, JobRecord
from service.tables import answers, feedback
from tests.postgres import BOTH

pytestmark = BOTH

ANNA, BEN, EVE = Principal("acme", "anna"), Principal("acme", "ben"), Principal("evil", "anna")
DECISION = Decision("pii", Stage.INPUT, Action.REDACT, "default-1", "an e-mail address", "EMAIL_ADDRESS")
CITATION = Citation(1, "c-1", "d-1", "file:///a.md", "A", "", None, 3, 9, "a quote", verified=True)
ANSWER = Answer("ans-1", "m", "the whole text", "stop", (CITATION,), (DECISION, DECISION))
JOB = JobRecord("job-1", "acme", "anna", ("hr",), "queued", (FileRecord("a.md"),), "2026-01-01T00:00:00")


def everything(url: str) -> str:
    """All that the database holds."""
    engine, tables = create_engine(url), MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        rows = [row for table in tables.sorted_tables for row in connection.execute(select(table))]
    engine.dispose()
    return str(rows)


def test_ids_of_decisions_do_not_tell_how_many_others_there_are(ledger: Ledger):
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-1"))
    quiet = Audit(ledger.transaction).page(ANNA).entries[0]["id"]
    for number in range(20):
        ledger.record(EVE, "q", replace(ANSWER, answer_id=f"ans-eve-{number}"))
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-2"))
    newest, before, *_ = (entry["id"] for entry in Audit(ledger.transaction).page(ANNA).entries)
    assert quiet < before < newest
    assert (before[-4:], newest[-4:]) == ("0000", "0001")
    assert before[12:-4] != quiet[12:-4]


def test_an_answer_is_recorded_with_its_decisions_and_without_its_text(ledger: Ledger, ledger_url: str):
    ledger.record(ANNA, "what does anna@acme.com earn?", ANSWER)
    entries = Audit(ledger.transaction).page(ANNA).entries
    assert [(entry["rail"], entry["action"], entry["answer_id"]) for entry in entries] == [
        ("pii", "redact", "ans-1"),
        ("pii", "redact", "ans-1"),
    ]
    stored = everything(ledger_url)
    assert "ans-1" in stored
    for text in ("anna@acme.com", "the whole text", "a quote"):
        assert text not in stored


def test_on_which_side_of_a_comparison_an_answer_stands_is_recorded(ledger: Ledger):
    for arm in ("", "candidate"):
        ledger.record(ANNA, "q", replace(ANSWER, answer_id=f"ans-{arm}", arm=arm))
    with ledger.transaction() as connection:
        rows = connection.execute(select(answers.c.answer_id, answers.c.arm).order_by(answers.c.answer_id))
        assert [tuple(row) for row in rows] == [("ans-", ""), ("ans-candidate", "candidate")]


def test_the_audit_is_read_page_by_page_and_never_across_tenants(ledger: Ledger):
    names = [f"ans-{number}" for number in range(30)]
    for name in names:
        ledger.record(ANNA, "q", replace(ANSWER, answer_id=name, decisions=(DECISION,)))
    first = Audit(ledger.transaction).page(BEN, limit=20)
    second = Audit(ledger.transaction).page(BEN, limit=20, before=first.next)
    assert [entry["answer_id"] for entry in first.entries + second.entries] == names[::-1]
    assert second.next is None
    assert Audit(ledger.transaction).page(EVE).entries == ()


def test_an_answer_is_bound_to_its_text_context_adapter_and_policy(ledger: Ledger):
    shown = Shown(("c-1",), "d-1", 3, 9, "0" * 64)
    said = replace(ANSWER, decisions=(), policy="default-1", context=(shown,), repeats="ans-0")
    for number, (text, principal) in enumerate([("one", ANNA), ("two", ANNA), ("one", EVE)]):
        ledger.record(principal, "q", replace(said, answer_id=f"ans-{number}", text=text))
    with ledger.transaction() as connection:
        rows = connection.execute(select(answers).order_by(answers.c.answer_id)).all()
    assert {(row.model, row.policy, row.repeats) for row in rows} == {("m", "default-1", "ans-0")}
    assert rows[0].context == [
        {"chunk_ids": ["c-1"], "document_id": "d-1", "start": 3, "end": 9, "digest": "0" * 64}
    ]
    assert len({row.answer_hash for row in rows}) == 3


def test_feedback_is_for_ones_own_answers(ledger: Ledger):
    ledger.record(ANNA, "q", ANSWER)
    ledger.rate(ANNA, "ans-1", "down", "30 days", None)
    for other in (BEN, EVE):
        with pytest.raises(NotFound):
            ledger.rate(other, "ans-1", "up", None, None)
    with pytest.raises(NotFound):
        ledger.rate(ANNA, "ans-none", "up", None, None)


def test_a_job_is_seen_by_its_owner_and_the_tenants_administrators(ledger: Ledger):
    ledger.add_job(JOB)
    admin = Principal("acme", "chief", scopes=frozenset({"admin"}))
    assert ledger.job(ANNA, "job-1") == ledger.job(admin, "job-1") == JOB
    for other in (BEN, EVE, Principal("evil", "chief", scopes=frozenset({"admin"}))):
        with pytest.raises(NotFound):
            ledger.job(other, "job-1")


def test_unfinished_jobs_are_those_that_are_queued_or_running(ledger: Ledger):
    for state in ("queued", "running", "done", "failed", "cancelled"):
        ledger.add_job(replace(JOB, id=f"job-{state}", state=state))
    assert {job.id for job in ledger.unfinished_jobs()} == {"job-queued", "job-running"}
    ended = (FileRecord("a.md", "done", None, "d-1", 9, 2),)
    ledger.advance_job(replace(JOB, id="job-queued", state="done", files=ended))
    assert {job.id for job in ledger.unfinished_jobs()} == {"job-running"}
    assert ledger.job(ANNA, "job-queued").files == ended


def test_jobs_are_listed_page_by_page_to_who_may_see_them(ledger: Ledger):
    for number in range(5):
        at = f"2026-01-01T00:00:0{number // 2}"  # two of a moment
        ledger.add_job(replace(JOB, id=f"job-{number}", created_at=at, state="done" if number else "queued"))
    ledger.add_job(replace(JOB, id="job-bens", subject="ben"))
    seen, cursor = [], None
    while cursor is not None or not seen:
        page = ledger.jobs(ANNA, 2, cursor)
        seen += [job.id for job in page.jobs]
        cursor = page.next
    assert seen == ["job-4", "job-3", "job-2", "job-1", "job-0"]
    assert [job.id for job in ledger.jobs(ANNA, state="queued").jobs] == ["job-0"]
    admin = Principal("acme", "chief", scopes=frozenset({"admin"}))
    assert len(ledger.jobs(admin).jobs) == 6
    assert ledger.jobs(EVE).jobs == ledger.jobs(replace(admin, tenant="evil")).jobs == ()
    with pytest.raises(BadRequest, match="next"):
        ledger.jobs(ANNA, cursor="none of ours")


def test_who_may_not_see_a_job_cannot_cancel_it(ledger: Ledger):
    ledger.add_job(JOB)
    for other in (BEN, EVE):
        with pytest.raises(NotFound):
            ledger.cancel_job(other, "job-1")
    assert ledger.job(ANNA, "job-1").state == "queued"


def test_a_cancelled_job_is_not_begun_and_an_ended_one_not_cancelled(ledger: Ledger):
    ledger.add_job(JOB)
    gone = ledger.cancel_job(ANNA, "job-1")
    assert (gone.state, gone.files[0].state) == ("cancelled", "cancelled")
    assert gone == ledger.cancel_job(ANNA, "job-1")
    assert not ledger.begin_job(replace(JOB, state="running"))
    ledger.add_job(replace(JOB, id="job-2", state="failed"))
    with pytest.raises(Ended, match="DELETE"):
        ledger.cancel_job(ANNA, "job-2")


def test_a_running_job_is_told_to_end(ledger: Ledger):
    running = replace(JOB, state="running")
    ledger.add_job(running)
    assert not ledger.advance_job(running)
    assert ledger.cancel_job(ANNA, "job-1").state == "running"
    assert ledger.is_cancelled("job-1")
    assert ledger.advance_job(running)


@pytest.mark.parametrize("name", ["job-\0", "\0", "job-" + "x" * 10_000, "job-\ufffd"])
def test_names_that_no_database_can_hold_are_not_found(ledger: Ledger, name: str):
    ledger.record(ANNA, "q", ANSWER)
    with pytest.raises(NotFound):
        ledger.job(ANNA, name)
    with pytest.raises(NotFound):
        ledger.rate(ANNA, name, "up", None, None)
    with pytest.raises(NotFound):
        ledger.revoke_key(name)
    assert Audit(ledger.transaction).page(BEN, before=name) is not None


def test_a_comment_may_hold_what_no_database_can(ledger: Ledger):
    ledger.record(ANNA, "q", ANSWER)
    ledger.rate(ANNA, "ans-1", "down", "a \0 b", "\0")
    with ledger.transaction() as connection:
        (row,) = connection.execute(select(feedback))
    # PostgreSQL cannot hold it, and is given the sign for what is lost.
    kept = [text.replace("\0", "\ufffd") for text in (row.correction, row.comment)]
    assert kept == ["a \ufffd b", "\ufffd"]
