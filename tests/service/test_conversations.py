"""Conversations belong to their asker, outlive the server, expire, and can be deleted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from ingest.access import Principal
from service.answer import Answer, Shown
from service.conversations import Conversations
from service.errors import BadRequest, LedgerFault, NotFound
from service.ledger import Ledger
from service.records import Turn
from service.retention import SWEPT_EVERY
from tests.postgres import BOTH

pytestmark = BOTH

ANNA = Principal("acme", "anna", frozenset({"hr", "staff"}))
OTHERS = {
    "another subject": Principal("acme", "ben", ANNA.groups),
    "another tenant": Principal("evil", "anna", ANNA.groups),
    "fewer groups": Principal("acme", "anna", frozenset({"staff"})),
    "more groups": Principal("acme", "anna", ANNA.groups | {"legal"}),
    "every group": Principal("acme", "anna", every_group=True),
}
BEGIN = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now = BEGIN

    def __call__(self):
        return self.now

    def go_on(self, **spans):
        self.now += timedelta(**spans)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def talks(ledger: Ledger, clock: Clock) -> Conversations:
    return Conversations(ledger.transaction, days=30, most=3, clock=clock)


def turn(number: int, question: str | None = "") -> Turn:
    asked = f"question {number}" if question == "" else question
    return Turn(f"ans-{number}", asked, asked, f"answer {number}")


def rows(ledger: Ledger) -> int:
    with ledger.transaction() as connection:
        return connection.scalar(text("select count(*) from turns")) or 0


def test_turns_come_back_in_order_with_their_times(talks: Conversations, clock: Clock):
    for number in (1, 2):
        talks.keep(ANNA, "c", turn(number))
        clock.go_on(minutes=1)
    first, second = talks.turns(ANNA, "c")
    assert (first.question, first.standalone, first.answer, first.answer_id) == (
        "question 1",
        "question 1",
        "answer 1",
        "ans-1",
    )
    assert (first.at, second.at) == ("2026-05-01T12:00:00.000+00:00", "2026-05-01T12:01:00.000+00:00")
    assert talks.recall(ANNA, "c", 1) == (second,)
    assert talks.recall(ANNA, "c", 9) == (first, second)


def test_a_question_that_was_blocked_is_shown_as_none_and_not_recalled(talks: Conversations):
    talks.keep(ANNA, "c", turn(1))
    talks.keep(ANNA, "c", turn(2, None))
    assert [each.question for each in talks.turns(ANNA, "c")] == ["question 1", None]
    assert [each.question for each in talks.recall(ANNA, "c", 9)] == ["question 1"]


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_nobody_else_and_no_other_access_sees_a_turn(talks: Conversations, other: Principal):
    talks.keep(ANNA, "c", turn(1))
    assert talks.recall(other, "c", 9) == ()
    assert talks.page(other).conversations == ()
    with pytest.raises(NotFound):
        talks.turns(other, "c")
    talks.keep(other, "c", turn(2))
    assert [each.answer for each in talks.turns(other, "c")] == ["answer 2"]
    assert [each.answer for each in talks.turns(ANNA, "c")] == ["answer 1"]


def test_turns_of_the_present_access_are_counted_and_no_others(talks: Conversations):
    fewer = OTHERS["fewer groups"]
    for number, who in enumerate([ANNA, fewer, ANNA]):
        talks.keep(who, "c", turn(number))
    assert [(each.id, each.turns) for each in talks.page(ANNA).conversations] == [("c", 2)]
    assert [(each.id, each.turns) for each in talks.page(fewer).conversations] == [("c", 1)]


def test_the_order_of_groups_makes_no_difference(talks: Conversations):
    talks.keep(ANNA, "c", turn(1))
    assert talks.turns(Principal("acme", "anna", frozenset(["staff", "hr"])), "c")


def test_a_server_that_starts_again_remembers(
    ledger: Ledger, talks: Conversations, ledger_url: str, clock: Clock
):
    talks.keep(ANNA, "c", turn(1))
    ledger.close()
    again = Ledger(ledger_url)
    assert Conversations(again.transaction, 30, 3, clock).recall(ANNA, "c", 9)[0].question == "question 1"
    again.close()


def test_what_has_expired_is_gone_at_once_and_deleted_in_time(
    talks: Conversations, clock: Clock, ledger: Ledger
):
    talks.keep(ANNA, "old", turn(1))
    clock.go_on(days=29)
    talks.keep(ANNA, "new", turn(2))
    assert len(talks.page(ANNA).conversations) == 2
    clock.go_on(hours=23, minutes=30)
    talks.page(ANNA)  # sweeps, and finds nothing to delete
    clock.go_on(minutes=30)
    assert [each.id for each in talks.page(ANNA).conversations] == ["new"]
    assert talks.recall(ANNA, "old", 9) == ()
    with pytest.raises(NotFound):
        talks.turns(ANNA, "old")
    assert rows(ledger) == 2
    clock.go_on(seconds=SWEPT_EVERY.total_seconds())
    talks.recall(OTHERS["another tenant"], "whatever", 1)  # whoever calls, it is swept
    assert rows(ledger) == 1


def test_a_call_that_fails_leaves_nothing_unswept(talks: Conversations, clock: Clock, ledger: Ledger):
    talks.keep(ANNA, "old", turn(1))
    clock.go_on(days=30)
    with pytest.raises(NotFound):
        talks.forget(ANNA, "none")
    assert rows(ledger) == 0


def test_a_sweep_that_was_undone_is_made_up_for(talks: Conversations, clock: Clock, ledger: Ledger):
    talks.keep(ANNA, "old", turn(1))
    clock.go_on(days=30)
    with ledger.transaction() as connection:
        connection.execute(text("alter table turns rename to mislaid"))
        connection.execute(text("create table turns as select * from mislaid"))
        connection.execute(text("alter table turns drop column standalone"))
    with pytest.raises(LedgerFault):
        talks.recall(ANNA, "old", 1)
    assert rows(ledger) == 1
    with ledger.transaction() as connection:
        connection.execute(text("drop table turns"))
        connection.execute(text("alter table mislaid rename to turns"))
    talks.recall(ANNA, "old", 1)
    assert rows(ledger) == 0


def test_the_newest_turns_are_kept_and_the_others_deleted(talks: Conversations, ledger: Ledger):
    for number in range(5):
        talks.keep(ANNA, "c", turn(number))
        talks.keep(ANNA, "another", turn(10 + number)) if number < 2 else None
    assert [each.answer for each in talks.turns(ANNA, "c")] == ["answer 2", "answer 3", "answer 4"]
    assert len(talks.turns(ANNA, "another")) == 2
    assert rows(ledger) == 5


def test_with_no_days_nothing_is_ever_written(ledger: Ledger, clock: Clock):
    off = Conversations(ledger.transaction, 0, 3, clock)
    off.keep(ANNA, "c", turn(1))
    assert off.recall(ANNA, "c", 9) == ()
    assert rows(ledger) == 0


def test_a_deleted_conversation_is_gone_with_all_its_turns_and_no_others(talks: Conversations):
    fewer = OTHERS["fewer groups"]
    talks.keep(ANNA, "c", turn(1))
    talks.keep(fewer, "c", turn(2))  # the same owner, with other groups
    talks.keep(ANNA, "d", turn(3))
    talks.keep(OTHERS["another subject"], "c", turn(4))
    talks.forget(ANNA, "c")
    assert [each.id for each in talks.page(ANNA).conversations] == ["d"]
    assert talks.page(fewer).conversations == ()
    assert talks.turns(OTHERS["another subject"], "c")
    with pytest.raises(NotFound):
        talks.forget(ANNA, "c")


def test_what_was_deleted_is_not_left_in_the_file(
    database: str, ledger: Ledger, talks: Conversations, tmp_path: Path
):
    if database != "sqlite":
        pytest.skip("PostgreSQL overwrites what was deleted when it vacuums")
    talks.keep(ANNA, "c", turn(1, "a question that is taken back"))
    talks.forget(ANNA, "c")
    ledger.close()
    files = list((tmp_path / "home").glob("ledger.db*"))
    assert files
    assert all(b"taken back" not in file.read_bytes() for file in files)


def test_conversations_are_listed_page_by_page_the_last_used_first(talks: Conversations, clock: Clock):
    for name in ("a", "b/with a slash", "c", "a"):
        talks.keep(ANNA, name, turn(1))
        clock.go_on(seconds=1)
    shown, cursor = [], None
    while True:
        page = talks.page(ANNA, 1, cursor)
        shown += [(each.id, each.turns, each.started_at < each.last_at) for each in page.conversations]
        cursor = page.next
        if cursor is None:
            break
    assert shown == [("a", 2, True), ("c", 1, False), ("b/with a slash", 1, False)]


def test_conversations_of_one_moment_are_all_listed(talks: Conversations):
    for name in "abc":
        talks.keep(ANNA, name, turn(1))
    first = talks.page(ANNA, 2)
    second = talks.page(ANNA, 2, first.next)
    assert [each.id for each in first.conversations + second.conversations] == ["c", "b", "a"]
    assert second.next is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "2026\0/c"])
def test_a_cursor_that_is_not_ours_is_a_clear_error(talks: Conversations, cursor: str):
    with pytest.raises(BadRequest, match="`next`"):
        talks.page(ANNA, 1, cursor)


def test_a_text_that_not_every_database_can_hold_is_kept(talks: Conversations):
    talks.keep(ANNA, "c", turn(1, "what is \0 here?"))
    assert talks.turns(ANNA, "c")[0].question in {"what is \0 here?", "what is \ufffd here?"}


def test_a_turn_that_rests_on_what_may_no_longer_be_read_is_neither_used_nor_shown(ledger, clock):
    closed: set[str] = set()
    talks = Conversations(
        ledger.transaction, 30, 9, clock, readable=lambda _, ids: {one for one in ids if one not in closed}
    )
    for number, document in enumerate(["d-1", "d-2"]):
        shown = Shown(("c-1",), document, 0, 9, "0" * 64)
        answer = Answer(f"ans-{number}", "m", "text", "stop", context=(shown,))
        ledger.record(ANNA, "q", answer)
        talks.keep(ANNA, "c", turn(number))
    talks.keep(ANNA, "c", turn(2))
    assert [kept.answer_id for kept in talks.turns(ANNA, "c")] == ["ans-0", "ans-1", "ans-2"]
    closed.add("d-1")
    for kept in (talks.turns(ANNA, "c"), talks.recall(ANNA, "c", 9)):
        assert [one.answer_id for one in kept] == ["ans-1", "ans-2"]
