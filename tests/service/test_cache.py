"""An answer is given again to whoever may have it, and never when a document has changed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guardrails.verdict import FAILED, Stage
from ingest.access import Principal
from ingest.documents import document_id
from ingest.edge import EdgeStore
from ingest.memory import MemoryStore
from ingest.where import Where
from service.answer import Message
from service.audit import Audit
from service.completions import completion
from service.telemetry import Metrics
from tests.service.desk import ANNA, LEAVE, Desk

LEAVE_TEXT = "Employees get 27 days of paid leave. Contractors work 40 hours a week."
BEN = Principal("acme", "ben", frozenset({"staff"}))


@pytest.fixture(params=["memory", "edge"])
def desk(request, settings, ledger):
    made = Desk(settings.folder, ledger, EdgeStore if request.param == "edge" else lambda *_: MemoryStore())
    made.put("leave.txt", LEAVE_TEXT)
    made.put("pay.txt", "Aino does earn EUR 5,850 a month.", groups=["hr"])
    yield made
    made.close()


@pytest.fixture
def quick(settings, ledger):
    """A desk whose store is the fake alone."""
    made = Desk(settings.folder, ledger, lambda *_: MemoryStore())
    made.put("leave.txt", LEAVE_TEXT)
    yield made
    made.close()


def test_an_answer_is_given_again_with_all_that_belongs_to_it(quick):
    first, second = quick.ask(), quick.ask("how many days of  paid leave do employees get", BEN)
    assert quick.answered == 1
    assert (second.text, second.citations, second.grounded) == (first.text, first.citations, first.grounded)
    assert first.citations
    assert (second.context, second.model, second.policy) == (first.context, first.model, first.policy)
    assert second.answer_id != first.answer_id
    assert (first.repeats, second.repeats) == (None, first.answer_id)


def test_a_repeated_answer_says_so_and_costs_no_tokens(quick):
    first, second = (completion(quick.ask(), None) for _ in range(2))
    assert ("cache" in first["timings_ms"], "cache" in second["timings_ms"]) == (False, True)
    assert "retrieve" not in second["timings_ms"]
    assert first["usage"]["total_tokens"] > 0
    assert second["usage"]["total_tokens"] == 0
    assert second["citations"] == first["citations"]
    assert first["answer_id"] not in str(second)


def test_a_repeated_answer_can_be_rated_by_its_own_asker_alone(quick):
    quick.ask()
    answer = quick.ask(principal=BEN)
    quick.ledger.rate(BEN, answer.answer_id, "up", None, None)
    (rated,) = quick.samples.rated(Principal.administrator("acme"))
    assert (rated.answer_id, rated.context) == (answer.answer_id, answer.context)


def test_an_answer_is_from_where_the_question_looks_and_is_given_again_there_alone(quick):
    quick.put("pay.txt", "Employees get 28 days of paid leave.")
    cited = []
    for path in ("file:///leave.txt", "file:///pay.txt", "file:///leave.txt", "file:///gone.txt"):
        answer = quick.ask(where=Where(path=path))
        cited.append(({shown.document_id for shown in answer.context}, answer.repeats is not None))
    leave, pay = (document_id("acme", f"file:///{name}.txt") for name in ("leave", "pay"))
    assert cited == [({leave}, False), ({pay}, False), ({leave}, True), (set(), False)]
    both = {shown.document_id for shown in quick.ask().context}
    assert both == {leave, pay}


CHANGES = {
    "a cited document says something else": lambda desk: desk.put("leave.txt", "Employees get 28 days."),
    "a cited document is deleted": lambda desk: desk.remove("leave.txt"),
    "a cited document is for others now": lambda desk: desk.put("leave.txt", LEAVE_TEXT, groups=["board"]),
    "a document is added that may say it better": lambda desk: desk.put("new.txt", "Employees get more."),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_an_answer_ends_when(desk, change):
    before = desk.ask()
    assert desk.ask().repeats == before.answer_id
    change(desk)
    after = desk.ask()
    assert after.repeats is None
    readable = {record.document_id: record.text for record in documents(desk)}
    for cited in after.citations:
        assert readable[cited.document_id][cited.start : cited.end] == cited.quote


def documents(desk, principal=ANNA):
    listed = desk.catalog.documents(principal).records
    return [desk.catalog.document(principal, record.document_id) for record in listed]


def test_syncing_the_same_again_and_other_tenants_documents_change_nothing(desk):
    before = desk.ask()
    desk.put("leave.txt", LEAVE_TEXT)
    desk.put("leave.txt", "Something else.", tenant="other")
    desk.remove("leave.txt", tenant="other")
    assert desk.ask().repeats == before.answer_id


@pytest.mark.parametrize(
    "other",
    [
        Principal("other", "anna", ANNA.groups),
        Principal("acme", "anna"),
        Principal("acme", "anna", ANNA.groups | {"hr"}),
        Principal.administrator("acme"),
    ],
    ids=["another tenant", "fewer groups", "more groups", "every group"],
)
def test_another_access_has_other_answers(quick, other):
    quick.ask()
    assert quick.ask(principal=other).repeats is None


def test_what_a_group_was_told_is_not_told_to_others(desk):
    question = "How much does Aino earn?"
    personnel = Principal("acme", "hanna", frozenset({"hr"}))
    assert desk.ask(question, personnel).citations
    assert desk.ask(question, personnel).repeats
    for other in (ANNA, Principal("acme", "eve"), Principal("other", "hanna", frozenset({"hr"}))):
        answer = desk.ask(question, other)
        assert (answer.repeats, answer.citations) == (None, ())
        assert "5,850" not in str(answer.context)


def test_every_question_is_screened_and_leaves_its_own_record(quick):
    quick.ask()
    quick.attacks.word = "paid"  # the rails find something that they did not find before
    answer = quick.ask()
    assert (answer.finish_reason, answer.repeats) == ("content_filter", None)
    entries = Audit(quick.ledger.transaction).page(ANNA).entries
    assert [(entry["answer_id"], entry["stage"]) for entry in entries] == [(answer.answer_id, "input")]


def test_what_the_rails_took_out_of_an_answer_is_on_record_whenever_it_is_given(quick):
    quick.generator.script[LEAVE] = "27 days [1]. It is no secret [1]."
    first, second = quick.ask(), quick.ask()
    assert second.repeats == first.answer_id
    assert "secret" not in second.text
    found = [(decision.rail, decision.stage) for decision in second.decisions]
    assert ("secrets", Stage.OUTPUT) in found
    assert second.decisions == first.decisions
    recorded = [entry["answer_id"] for entry in Audit(quick.ledger.transaction).page(ANNA).entries]
    assert recorded.count(first.answer_id) == recorded.count(second.answer_id) == len(found)


def test_a_follow_up_that_borrows_has_an_answer_of_its_own(quick):
    before = (Message("user", LEAVE), Message("assistant", "27 days [1]"))
    for _ in range(2):
        assert quick.ask("And in Finland?", before=before).repeats is None
    assert quick.told == ["bypass", "bypass"]
    assert quick.ask("And in Finland?").repeats is None


def test_a_question_that_stands_alone_uses_it_in_any_conversation(quick):
    first = quick.ask(conversation_id="c-1")
    second = quick.ask(principal=BEN, conversation_id="c-1")
    assert second.repeats == first.answer_id
    (turn,) = quick.conversations.turns(BEN, "c-1")
    assert (turn.answer_id, turn.answer) == (second.answer_id, first.text)


def test_a_question_that_was_redacted_has_an_answer_of_its_own(quick):
    question = "How many days, by the secret plan?"
    quick.generator.otherwise = "27 days [1]"
    assert [quick.ask(question).repeats for _ in range(2)] == [None, None]
    assert quick.told == ["bypass", "bypass"]


def test_a_refusal_is_made_anew_each_time(quick):
    assert [quick.ask("Who won?").refused for _ in range(2)] == [True, True]
    assert quick.answered == 2


def test_an_answer_made_while_a_rail_failed_is_made_anew(quick):
    quick.attacks.broken = {Stage.PASSAGE}
    first = quick.ask()
    quick.attacks.broken = set()
    assert FAILED in {decision.label for decision in first.decisions}
    assert first.citations
    assert quick.ask().repeats is None


def test_an_answer_that_was_cut_short_is_made_anew(quick):
    first = quick.ask(sampling={"max_tokens": 2})
    assert first.finish_reason == "length"
    assert quick.ask(sampling={"max_tokens": 2}).repeats is None


def test_hits_and_misses_are_counted():
    metrics = Metrics()
    for outcome in ("miss", "hit", "hit", "bypass"):
        metrics.looked_up(outcome)
    told = metrics.exposition().decode()
    assert 'plumbline_cache_lookups_total{outcome="hit"} 2.0' in told
    assert 'plumbline_cache_lookups_total{outcome="miss"} 1.0' in told


ASKERS = st.builds(
    Principal,
    st.sampled_from(["acme", "other"]),
    st.sampled_from(["anna", "ben"]),
    st.frozensets(st.sampled_from(["hr", "staff"])),
    every_group=st.booleans(),
)
READERS = st.sampled_from([None, None, (), ("hr",), ("hr", "staff")])


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(ASKERS, READERS), min_size=2, max_size=8))
def test_nobody_is_ever_shown_words_that_they_may_not_read(quick, steps):
    question = "How much does Aino earn?"
    for principal, readers in steps:
        if readers is not None:
            quick.put("pay.txt", "Aino does earn EUR 5,850 a month.", groups=readers)
        answer = quick.ask(question, principal)
        readable = {record.document_id for record in documents(quick, principal)}
        assert {cited.document_id for cited in answer.citations} <= readable
        assert {shown.document_id for shown in answer.context} <= readable
