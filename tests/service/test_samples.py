"""What was said waits for its rating if it may, is kept on once it is rated, and ends in time."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from ingest.access import Principal
from service.answer import Answer, Ask, Message, Shown
from service.conversations import Conversations
from service.errors import NotFound
from service.records import Turn
from service.retention import SWEPT_EVERY
from service.samples import Samples
from tests.service.desk import Clock

ANNA, BEN, EVE = Principal("acme", "anna"), Principal("acme", "ben"), Principal("evil", "anna")
ADMIN = Principal.administrator("acme")
SHOWN = Shown(("c-1", "c-2"), "d-1", 3, 9, "0" * 64)
ANSWER = Answer("ans-1", "qa-1", "27 days [1]", "stop", policy="p-1", context=(SHOWN,))
ASK = Ask((Message("user", "How many days?"),))


class Box:
    """A ledger with samples, their clock, and what lies in the file."""

    def __init__(self, ledger, home, wait):
        self.ledger, self.home, self.clock = ledger, home, Clock()
        self.samples = Samples(ledger.transaction, wait, 30, self.clock)

    def say(self, answer=ANSWER, principal=ANNA, ask=ASK, understood="How many days?"):
        self.ledger.record(principal, "How many days?", answer)
        self.samples.keep(ask, understood, answer)

    def rows(self):
        with sqlite3.connect(self.home / "ledger.db") as database:
            found = database.execute("select answer_id, question, answer from samples").fetchall()
        database.close()
        return found

    def stamp_ratings(self):
        """Ratings bear the machine's time: let it be the clock's."""
        at = self.clock().isoformat(timespec="milliseconds")
        with sqlite3.connect(self.home / "ledger.db") as database:
            database.execute("update feedback set created_at = ?", [at])
            database.execute("update samples set rated_at = ? where rated_at is not null", [at])
        database.close()


@pytest.fixture
def box(ledger, tmp_path):
    return Box(ledger, tmp_path / "home", wait=24)


@pytest.fixture
def off(ledger, tmp_path):
    return Box(ledger, tmp_path / "home", wait=0)


def test_a_rating_is_bound_to_what_was_asked_said_and_shown(box):
    box.say()
    box.ledger.rate(ANNA, "ans-1", "down", "30 days", "out of date")
    (rated,) = box.samples.rated(ADMIN)
    assert (rated.answer_id, rated.rating, rated.correction, rated.comment) == (
        "ans-1",
        "down",
        "30 days",
        "out of date",
    )
    assert (rated.question, rated.answer) == ("How many days?", "27 days [1]")
    assert (rated.model, rated.policy, rated.context) == ("qa-1", "p-1", (SHOWN,))


def test_a_rating_without_kept_texts_still_names_model_policy_and_passages(off):
    off.say()
    off.ledger.rate(ANNA, "ans-1", "up", None, None)
    (rated,) = off.samples.rated(ADMIN)
    assert (rated.question, rated.answer) == (None, None)
    assert (rated.model, rated.policy, rated.context) == ("qa-1", "p-1", (SHOWN,))
    assert off.rows() == []


def test_ratings_are_never_read_across_tenants(box):
    for number, principal in enumerate((ANNA, EVE, BEN)):
        box.say(replace(ANSWER, answer_id=f"ans-{number}"), principal)
        box.ledger.rate(principal, f"ans-{number}", "up", None, None)
    assert [rated.answer_id for rated in box.samples.rated(ADMIN)] == ["ans-0", "ans-2"]
    assert [rated.answer_id for rated in box.samples.rated(Principal.administrator("evil"))] == ["ans-1"]
    assert box.samples.rated(Principal.administrator("nobody")) == []


def test_who_rates_an_answer_twice_is_taken_at_the_last_word(box):
    for number in (1, 2):
        box.say(replace(ANSWER, answer_id=f"ans-{number}"))
        box.ledger.rate(ANNA, f"ans-{number}", "down", "30 days", None)
    box.ledger.rate(ANNA, "ans-1", "up", None, None)
    rated = [(each.answer_id, each.rating, each.correction) for each in box.samples.rated(ADMIN)]
    assert rated == [("ans-1", "up", None), ("ans-2", "down", "30 days")]


def test_what_nobody_rates_in_time_is_deleted_and_what_was_rated_stays(box):
    for number in (1, 2):
        box.say(replace(ANSWER, answer_id=f"ans-{number}"))
    box.ledger.rate(ANNA, "ans-2", "up", None, None)
    box.clock.now += timedelta(hours=23, minutes=59)
    box.samples.sweep()
    assert len(box.rows()) == 2
    box.clock.now += timedelta(minutes=1)
    box.samples.sweep()
    assert [row[0] for row in box.rows()] == ["ans-2"]


def test_the_words_of_a_rating_end_and_the_rating_stays(box):
    box.say()
    box.ledger.rate(ANNA, "ans-1", "down", "30 days", "out of date")
    box.stamp_ratings()
    box.clock.now += timedelta(days=29, hours=23)
    assert box.samples.rated(ADMIN)[0].correction == "30 days"
    box.clock.now += timedelta(hours=1)
    (rated,) = box.samples.rated(ADMIN)
    assert (rated.rating, rated.correction, rated.comment) == ("down", None, None)
    assert (rated.question, rated.answer) == (None, None)
    assert len(box.rows()) == 1  # reading deletes nothing
    box.samples.sweep()
    box.ledger.close()
    for file in box.home.glob("ledger.db*"):
        assert not [word for word in (b"30 days", b"out of date", b"27 days") if word in file.read_bytes()]


def test_a_server_sweeps_as_it_goes(box):
    box.say()
    box.clock.now += timedelta(hours=23, minutes=30)
    box.say(replace(ANSWER, answer_id="ans-2"))  # sweeps, and finds nothing to delete
    box.clock.now += timedelta(minutes=40)
    box.say(replace(ANSWER, answer_id="ans-3"))
    assert len(box.rows()) == 3
    box.clock.now += SWEPT_EVERY
    box.say(replace(ANSWER, answer_id="ans-4", context=()))
    assert [row[0] for row in box.rows()] == ["ans-2", "ans-3"]


def test_switched_off_nothing_new_is_kept_and_what_waits_is_deleted(box, ledger):
    box.say()
    box.say(replace(ANSWER, answer_id="ans-2"))
    ledger.rate(ANNA, "ans-2", "up", None, None)
    off = Samples(ledger.transaction, 0, 30, box.clock)
    ledger.record(ANNA, "q", replace(ANSWER, answer_id="ans-3"))
    off.keep(ASK, "q", replace(ANSWER, answer_id="ans-3"))
    assert [row[0] for row in box.rows()] == ["ans-2"]


NOT_KEPT = {
    "the caller asked so": {"ask": replace(ASK, store=False)},
    "a rail blocked the question": {"understood": None},
    "a rail blocked the answer": {"answer": replace(ANSWER, finish_reason="content_filter")},
    "nothing was said": {"answer": replace(ANSWER, text=" ")},
    "no passage was shown": {"answer": replace(ANSWER, context=())},
}


@pytest.mark.parametrize("said", NOT_KEPT.values(), ids=NOT_KEPT)
def test_nothing_is_kept_where(box, said):
    box.say(**said)
    assert box.rows() == []
    box.ledger.rate(ANNA, "ans-1", "up", None, None)
    assert box.rows() == []


def test_an_answer_that_was_cut_short_can_be_corrected(box):
    box.say(replace(ANSWER, finish_reason="length"))
    assert len(box.rows()) == 1


def test_with_a_conversation_goes_what_was_kept_of_its_answers(box, ledger):
    talks = Conversations(ledger.transaction, 30, 50, box.clock)
    for number, principal in enumerate((ANNA, BEN)):
        answer = replace(ANSWER, answer_id=f"ans-{number}")
        box.say(answer, principal)
        talks.keep(principal, "c", Turn(answer.answer_id, "q", "q", "a"))
        ledger.rate(principal, answer.answer_id, "down", "30 days", "old")
    talks.forget(ANNA, "c")
    assert [row[0] for row in box.rows()] == ["ans-1"]
    words = {rated.answer_id: (rated.rating, rated.correction) for rated in box.samples.rated(ADMIN)}
    assert words == {"ans-0": ("down", None), "ans-1": ("down", "30 days")}
    with pytest.raises(NotFound):
        talks.forget(ANNA, "c")
    assert [row[0] for row in box.rows()] == ["ans-1"]


GONE = {
    "its turns were more than are kept": {"most": 1},
    "its turns have expired": {"later": timedelta(days=30)},
    "no turns are kept at all": {"days": 0},
}


@pytest.mark.parametrize("turns", GONE.values(), ids=GONE)
def test_a_deleted_conversation_leaves_no_text_where(box, ledger, turns):
    talks = Conversations(ledger.transaction, turns.get("days", 30), turns.get("most", 50), box.clock)
    for number in (1, 2):
        box.say(replace(ANSWER, answer_id=f"ans-{number}"))
        talks.keep(ANNA, "c", Turn(f"ans-{number}", "q", "q", "a"))
        ledger.rate(ANNA, f"ans-{number}", "down", "30 days", "old")
    box.clock.now += turns.get("later", timedelta())
    talks.recall(ANNA, "c", 1)  # sweeps
    box.stamp_ratings()
    talks.forget(ANNA, "c")
    assert box.rows() == []
    words = [(rated.rating, rated.correction, rated.comment) for rated in box.samples.rated(ADMIN)]
    assert words == [("down", None, None)] * 2
    with pytest.raises(NotFound):
        talks.forget(ANNA, "c")


def test_a_conversation_of_the_same_name_is_left_to_its_asker(box, ledger):
    talks = Conversations(ledger.transaction, 0, 50, box.clock)
    askers = (ANNA, BEN, EVE)
    for number, principal in enumerate(askers):
        box.say(replace(ANSWER, answer_id=f"ans-{number}"), principal)
        talks.keep(principal, "c", Turn(f"ans-{number}", "q", "q", "a"))
    talks.forget(ANNA, "c")
    assert [row[0] for row in box.rows()] == ["ans-1", "ans-2"]


def test_what_is_said_of_a_deleted_conversation_can_be_deleted_too(box, ledger):
    talks = Conversations(ledger.transaction, 30, 50, box.clock)
    box.say()
    talks.keep(ANNA, "c", Turn("ans-1", "q", "q", "a"))
    talks.forget(ANNA, "c")
    ledger.rate(ANNA, "ans-1", "down", "30 days", None)
    talks.forget(ANNA, "c")
    assert box.samples.rated(ADMIN)[0].correction is None
