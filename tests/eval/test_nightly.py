"""A night: made once, whole or not at all, gone on with after a kill, and told of."""

import errno
import json
import multiprocessing
import os
import shutil
import signal
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

import eval.nightly as way
from eval.errors import NightFailed, NightlyBusy, OtherRun, TargetFault, Undelivered
from eval.history import annotated, point
from eval.night import LOCK, Nights, read_card
from eval.nightly import Means, nightly
from eval.rules import read_rules
from tests.eval.run_folders import Fault, write_run

FIRST = date(2026, 11, 20)
NEXT = date(2026, 11, 21)
WHOLE = {"metrics.json", "report.html", "report.json", "report.md", "rows.jsonl", "summary.html"}
GOOD, BAD = Fault(), Fault(access=1.0)


class Memory:
    """A history in memory."""

    def __init__(self):
        self.kept = {}

    def remember(self, _tenant, results, night, verdict, *, late):
        self.kept[night] = point(results, night, verdict, late=late)

    def points(self, _tenant):
        return annotated([self.kept[night] for night in sorted(self.kept)])


class House:
    """A made-up system: what its runs find, and who was told."""

    def __init__(self, folder, runs):
        self.made = runs
        self.nights = Nights.of(folder / "reports", "default")
        self.fault, self.runs, self.sent, self.memory = GOOD, 0, [], Memory()
        self.means = Means(
            tenant="default",
            nights=self.nights,
            rules=read_rules(),
            check=lambda: ["3 documents have changed since the last sync."],
            run=self.run,
            memory=self.memory,
            senders=[self.sent.append],
        )

    def run(self, folder):
        self.runs += 1
        shutil.copytree(self.made[self.fault], folder, dirs_exist_ok=True)

    def make(self, night, today=None, **changed):
        return nightly(replace(self.means, **changed), night, today or night)

    def whole(self, night):
        return WHOLE.issubset(each.name for each in self.nights.folder(night).iterdir())


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs of a good system and of a bad one: made once, copied ever after."""
    folder = tmp_path_factory.mktemp("runs")
    return {fault: write_run(folder / name, fault, times=1) for name, fault in (("good", GOOD), ("bad", BAD))}


@pytest.fixture
def house(tmp_path, runs):
    return House(tmp_path, runs)


def test_a_night_leaves_a_whole_report_and_is_remembered(house):
    (made,) = house.make(FIRST)
    assert made.fresh
    assert house.whole(FIRST)
    assert made.card.verdict == "first"
    assert "3 documents have changed" in (made.folder / "report.html").read_text()
    assert [each.night for each in house.memory.points("default")] == ["2026-11-20"]
    assert not house.sent
    assert house.nights.begun() == []


def test_done_once_a_night_is_not_done_again(house):
    house.make(FIRST)
    before = (house.nights.folder(FIRST) / "report.html").stat().st_mtime_ns
    (again,) = house.make(FIRST)
    assert not again.fresh
    assert house.runs == 1
    assert (again.folder / "report.html").stat().st_mtime_ns == before


def test_the_next_night_is_held_against_the_last_good_one(house):
    house.make(FIRST)
    house.fault = BAD
    assert house.make(NEXT)[0].card.verdict == "regression"
    house.fault = GOOD
    (third,) = house.make(NEXT + timedelta(days=1))
    assert third.card.verdict == "passed"
    assert "run of 2026-11-21" in (third.folder / "report.html").read_text()  # as run_folders dates them


def test_a_regression_is_told_once(house):
    house.fault = BAD
    house.make(FIRST)
    house.make(FIRST)
    (notice,) = house.sent
    assert (notice.kind, notice.date, notice.worse) == ("regression", "2026-11-20", ("leaks",))
    assert "Leaks" in notice.text


def test_who_could_not_be_told_is_told_the_next_time(house):
    house.fault = BAD

    def down(_notice):
        raise Undelivered("the webhook cannot be reached")

    (made,) = house.make(FIRST, senders=[house.sent.append, down])
    assert made.faults == ("the webhook cannot be reached",)
    (again,) = house.make(FIRST, senders=[house.sent.append, house.sent.append])
    assert again.faults == ()
    assert len(house.sent) == 2


def test_a_failed_run_is_told_once_and_leaves_no_report(house):
    def fails(folder):
        raise TargetFault("nobody listens")

    for _ in range(3):
        with pytest.raises(NightFailed, match="nobody listens"):
            house.make(FIRST, run=fails)
    assert [notice.kind for notice in house.sent] == ["failure"]
    assert house.nights.done() == []
    house.make(FIRST)
    assert house.whole(FIRST)


@pytest.mark.parametrize(
    ("raised", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (KeyError("the words of a document"), "nobody foresaw (KeyError)"),
    ],
)
def test_of_a_night_that_breaks_in_any_way_people_are_told(house, raised, said):
    def breaks(_folder):
        raise raised

    with pytest.raises(NightFailed):
        house.make(FIRST, run=breaks)
    (notice,) = house.sent
    assert (notice.kind, notice.date) == ("failure", "2026-11-20")
    assert said in notice.text
    assert "document" not in notice.text


def test_people_are_told_on_a_full_disk_though_it_cannot_be_remembered(monkeypatch, house):
    def full(*_given):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("eval.night._tell", full)
    with pytest.raises(NightFailed, match=r"nobody listens.*cannot be remembered"):
        house.make(FIRST, run=lambda _: _raise(TargetFault("nobody listens")))
    assert [notice.kind for notice in house.sent] == ["failure"]


def _raise(error):
    raise error


@pytest.mark.parametrize("file", ["report.json", "metrics.json", "rows.jsonl"])
def test_an_old_report_that_was_cut_short_stops_no_later_night(house, file):
    house.make(FIRST)
    old = house.nights.folder(FIRST) / file
    old.write_bytes(old.read_bytes()[:-20])
    if file == "rows.jsonl":
        assert house.make(NEXT)[0].card.verdict == "incomparable"
        return
    with pytest.raises(NightFailed, match="2026-11-20"):
        house.make(NEXT)
    assert house.whole(NEXT)
    assert [(notice.kind, notice.date) for notice in house.sent if notice.kind == "failure"] == [
        ("failure", "2026-11-20")
    ]
    (third,) = house.make(NEXT + timedelta(days=1))
    assert third.card.verdict == "passed"


def test_an_earlier_date_that_fails_does_not_stop_tonights(house):
    house.nights.partial(FIRST)

    def run(folder):
        if folder.name.startswith("2026-11-20"):
            raise TargetFault("nobody listens")
        house.run(folder)

    with pytest.raises(NightFailed, match="2026-11-20: nobody listens"):
        house.make(NEXT, run=run)
    assert house.nights.done() == [NEXT]
    assert [notice.date for notice in house.sent] == ["2026-11-20"]


def test_a_night_that_was_begun_is_not_counted_as_missed(house):
    house.make(FIRST)
    house.nights.partial(NEXT)
    made = house.make(NEXT + timedelta(days=1))
    assert [(each.date.day, each.card.late) for each in made] == [(21, True), (22, False)]


STEPS = ("run", "_judged", "write_report", "publish", "remember", "_tell")


@contextmanager
def killed(monkeypatch, house, step, when):
    """The process ends before or after a step."""

    class Killed(BaseException):
        pass

    where, name = {
        "run": (house, "run"),
        "publish": (Nights, "publish"),
        "remember": (house.memory, "remember"),
    }.get(step, (way, step))
    whole = getattr(where, name)

    def dying(*given, **more):
        if when == "after":
            whole(*given, **more)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(where, name, dying)
        if step == "run":
            patched.setattr(house, "means", replace(house.means, run=dying))
        with pytest.raises(Killed):
            yield


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_it_leaves_no_half_report_and_the_next_run_completes_the_date(
    monkeypatch, house, step, when
):
    house.fault = BAD
    with killed(monkeypatch, house, step, when):
        house.make(FIRST)
    assert FIRST not in house.nights.done() or house.whole(FIRST)
    made = house.make(NEXT)
    published = step in {"remember", "_tell"} or (step, when) == ("publish", "after")
    assert [each.date for each in made] == ([NEXT] if published else [FIRST, NEXT])
    assert house.whole(FIRST)
    assert house.whole(NEXT)
    assert sorted(house.memory.kept) == ["2026-11-20", "2026-11-21"]
    assert house.nights.begun() == []
    assert house.runs == 2
    assert {notice.date for notice in house.sent} == {"2026-11-20", "2026-11-21"}
    if not published:
        assert read_card(house.nights.folder(FIRST)).late


def _die_while_running(folder, runs):
    house = House(folder, runs)

    def run(place):
        house.run(place)
        (place / "metrics.json").unlink()
        os.kill(os.getpid(), signal.SIGKILL)

    house.make(FIRST, run=run)


def test_a_process_that_is_killed_lets_go_of_the_lock_and_its_rows_are_still_there(tmp_path, runs):
    process = multiprocessing.get_context("spawn").Process(target=_die_while_running, args=(tmp_path, runs))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    house, seen = House(tmp_path, runs), []

    def run(folder):
        seen.append((folder / "rows.jsonl").exists())
        house.run(folder)

    house.make(FIRST, run=run)
    assert seen == [True]
    assert house.whole(FIRST)


def test_nights_that_were_missed_are_not_made_up_one_by_one(house):
    house.make(FIRST)
    (made,) = house.make(FIRST + timedelta(days=11))
    assert house.runs == 2
    assert made.card.late
    assert "10 nights were missed" in " ".join((made.folder / "report.html").read_text().split())


def test_a_date_that_has_passed_is_made_when_asked_for_and_marked_late(house):
    (made,) = house.make(FIRST, today=NEXT)
    assert made.card.late


def test_of_several_nights_that_were_stopped_the_last_is_gone_on_with(house):
    for day in range(3):
        house.nights.partial(FIRST + timedelta(days=day))
    made = house.make(FIRST + timedelta(days=5))
    assert [each.date.day for each in made] == [22, 25]


def test_what_was_asked_of_another_system_is_asked_anew(house):
    partial = house.nights.partial(FIRST)
    (partial / "rows.jsonl").write_text("of another system")

    def run(folder):
        if (folder / "rows.jsonl").exists():
            raise OtherRun("another adapter")
        house.run(folder)

    (made,) = house.make(FIRST, run=run)
    assert "asked anew" in (made.folder / "report.html").read_text()


def test_other_questions_are_not_compared_and_the_report_says_so_and_people_are_told_once(house):
    house.make(FIRST)

    def run(folder):
        house.run(folder)
        held = json.loads((folder / "metrics.json").read_text())
        held["run"]["fingerprint"]["corpus"] = "another"
        (folder / "metrics.json").write_text(json.dumps(held))

    (made,) = house.make(NEXT, run=run)
    assert made.card.verdict == "incomparable"
    assert "the corpus of today" in (made.folder / "report.md").read_text().replace("The", "the")
    house.make(NEXT)
    (notice,) = house.sent
    assert (notice.kind, notice.date) == ("incomparable", "2026-11-21")
    assert "Not compared. " in notice.text
    assert "corpus" in notice.text


def test_a_baseline_of_ones_own_wins(house, tmp_path):
    house.make(FIRST)
    pinned = write_run(tmp_path / "pinned", times=1, at=datetime(2026, 10, 1, tzinfo=UTC))
    (made,) = house.make(NEXT, baseline=pinned)
    assert "run of 2026-10-01" in (made.folder / "report.html").read_text()


def test_two_processes_do_not_make_one_night(house):
    from filelock import FileLock  # noqa: PLC0415  # the other process

    with FileLock(house.nights.home / LOCK), pytest.raises(NightlyBusy):
        house.make(FIRST)


def test_a_folder_of_another_name_is_no_night(house):
    for name in ("2026-13-40", "2026-11-2", "notes", "2026-13-40.partial"):
        (house.nights.home / name).mkdir()
    assert house.nights.done() == house.nights.begun() == []
