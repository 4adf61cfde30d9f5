"""A run goes on where it was stopped, asks nothing twice, and mixes no two runs."""

import asyncio
import errno
import json
import signal
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from eval.dataset import Question, write_dataset
from eval.errors import BadQuestions, BadRun, NoKey, OtherRun, TargetFault
from eval.outcome import Outcome
from eval.run import Order, Stages, evaluate
from eval.scripted import FINGERPRINT, ScriptedTarget

COUNT = 12


@dataclass
class Scores:
    """As `eval.scoring.Scored`: every row is worth its number of words."""

    rows: list[dict[str, Any]]
    metrics: dict[str, Any] = field(default_factory=lambda: {"words": {"value": 1.0}})
    breakdown: dict[str, Any] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)


def score(outcomes):
    return Scores([{"scores": {"words": len(each.answer.split())}, "failures": {}} for each in outcomes])


class Place:
    """A dataset, an empty folder, and what a run is given."""

    def __init__(self, folder):
        self.dataset, self.out = folder / "set.jsonl", folder / "out"
        self.target = ScriptedTarget({f"q{n}?": f"answer {n}" for n in range(COUNT)})
        self.names, self.reported, self.heard = [], [], []
        write_dataset(self.dataset, [Question(id=f"r{n}", question=f"q{n}?") for n in range(COUNT)])

    def run(self, **changed):
        order = Order(self.dataset, self.out, 3)
        stages = Stages(self._opened, score, self.reported.append, lambda *told: self.heard.append(told))
        return evaluate(replace(order, **changed), stages)

    @asynccontextmanager
    async def _opened(self, name):
        self.names.append(name)
        yield self.target

    @property
    def rows(self):
        return [json.loads(line) for line in (self.out / "rows.jsonl").read_text().splitlines()]

    @property
    def figures(self):
        return json.loads((self.out / "metrics.json").read_text())


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


class Stops(ScriptedTarget):
    """Answers so many questions, and then the program is stopped."""

    def __init__(self, script, after):
        super().__init__(script)
        self.after, self.begun = after, 0

    async def ask(self, question):
        self.begun += 1
        if self.begun > self.after:
            signal.raise_signal(signal.SIGINT)
            await asyncio.sleep(60)
        await asyncio.sleep(0)
        return await super().ask(question)


@pytest.fixture(autouse=True)
def interrupts():
    """Python's own: a shell lets what it starts in the background ignore them, this process too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def stop_after(place, count):
    whole, place.target = place.target, Stops(place.target.script, count)
    with pytest.raises(KeyboardInterrupt):
        place.run()
    place.target = whole


def test_every_question_becomes_a_row_with_its_scores_in_the_datasets_order(place):
    finished = place.run()
    assert [row["id"] for row in place.rows] == [f"r{n}" for n in range(COUNT)]
    assert place.rows[3]["answer"] == "answer 3 [1]"
    assert place.rows[3]["scores"] == {"words": 3}
    assert set(place.rows[0]) == {"id", "scores", "failures", *Outcome.model_fields}
    assert finished.failed == ()
    assert place.reported == [place.out]
    assert place.heard[-1] == ("scoring", COUNT, COUNT)
    assert ("asking", COUNT, COUNT) in place.heard


def test_figures_say_which_run_they_are_of(place):
    place.run(judge="a judge")
    run = place.figures["run"]
    assert set(place.figures) == {"run", "metrics", "breakdown", "failures"}
    assert set(run) == {"id", "at", "dataset", "fingerprint", "seconds"}
    assert run["dataset"]["name"] == "set"
    assert run["dataset"]["rows"] == COUNT
    assert run["fingerprint"] == FINGERPRINT.model_dump() | {"judge": "a judge"}
    assert place.names == [run["id"]]


@pytest.mark.parametrize("count", [0, 1, 5, COUNT - 1])
def test_a_stopped_run_goes_on_and_asks_only_what_is_missing(place, count):
    stop_after(place, count)
    assert not (place.out / "metrics.json").exists()
    kept = {row["id"] for row in place.rows}
    assert len(kept) >= count - 2  # of those under way nothing is known
    place.run()
    assert set(place.target.asked) == {f"r{n}" for n in range(COUNT)} - kept
    assert len(place.rows) == COUNT
    assert len(set(place.names)) == 1


def test_a_last_line_that_was_cut_short_is_asked_again(place):
    stop_after(place, 5)
    rows = place.out / "rows.jsonl"
    whole = rows.read_bytes()
    rows.write_bytes(whole[:-20])
    cut = json.loads(whole.splitlines()[-1])["id"]
    place.run()
    assert cut in place.target.asked
    assert [row["id"] for row in place.rows] == [f"r{n}" for n in range(COUNT)]


def test_a_run_that_is_done_is_scored_anew_and_asks_nothing(place):
    place.run()
    before, place.target.asked[:] = place.rows, []
    place.run()
    assert (place.target.asked, place.rows) == ([], before)


def test_questions_that_failed_are_listed_and_asked_again(place):
    place.target.script["q3?"] = None
    finished = place.run()
    assert [each.question.id for each in finished.failed] == ["r3"]
    place.target.script["q3?"], place.target.asked[:] = "better", []
    assert place.run().failed == ()
    assert place.target.asked == ["r3"]
    assert len(place.rows) == COUNT


@pytest.mark.parametrize("change", ["dataset", "corpus", "adapter", "judge"])
def test_another_run_in_the_folder_is_refused_with_the_remedy(place, change):
    place.run()
    before = place.rows
    if change == "dataset":
        write_dataset(place.dataset, [Question(id="other", question="q1?")])
    elif change != "judge":
        place.target.told = FINGERPRINT.model_copy(update={change: "changed"})
    with pytest.raises(OtherRun, match=rf"another {change}.*another --out"):
        place.run(judge="a judge" if change == "judge" else "")
    assert place.rows == before


class Moves(ScriptedTarget):
    """Becomes another system in the middle of a run."""

    async def ask(self, question):
        if len(self.asked) == COUNT // 2:
            self.told = FINGERPRINT.model_copy(update={"corpus": "synced", "adapter": "promoted"})
        return await super().ask(question)


def test_a_run_of_a_system_that_changed_on_the_way_is_none_and_says_what_moved(place):
    place.target = Moves(place.target.script)
    with pytest.raises(OtherRun, match=r"corpus, adapter changed.*another --out"):
        place.run(judge="a judge")
    assert not (place.out / "metrics.json").exists()
    # Neither the system as it is now nor as it was goes on with a mixture of both.
    for told in (place.target.told, FINGERPRINT):
        place.target = ScriptedTarget(place.target.script, told)
        with pytest.raises(OtherRun, match="another corpus, adapter"):
            place.run(judge="a judge")


def test_rows_of_nobody_knows_which_run_are_left_alone(place):
    place.out.mkdir()
    (place.out / "rows.jsonl").write_text("precious\n")
    with pytest.raises(OtherRun, match="no run that can be gone on with"):
        place.run()
    assert (place.out / "rows.jsonl").read_text() == "precious\n"


def test_a_damaged_row_or_run_is_no_place_to_go_on(place):
    place.run()
    rows = place.out / "rows.jsonl"
    rows.write_text("{}\n" + rows.read_text())
    with pytest.raises(OtherRun, match="line 1"):
        place.run()
    (place.out / "run.json").write_text("{")
    with pytest.raises(OtherRun, match="damaged"):
        place.run()


def test_two_processes_do_not_share_a_folder(place):
    class Nested(ScriptedTarget):
        async def ask(self, question):
            with pytest.raises(OtherRun, match="another process"):
                await asyncio.to_thread(place.run)
            return await super().ask(question)

    place.target = Nested(place.target.script)
    place.run()


def test_no_more_questions_are_under_way_than_were_ordered_and_none_outruns_the_disk(place):
    class Counting(ScriptedTarget):
        running = most = 0

        async def ask(self, question):
            self.running += 1
            self.most = max(self.most, self.running)
            await asyncio.sleep(0.001)
            kept = len((place.out / "rows.jsonl").read_text().splitlines())
            assert len(self.asked) - kept < 3
            self.running -= 1
            return await super().ask(question)

    place.target = Counting(place.target.script)
    place.run()
    assert place.target.most == 3


def test_without_a_dataset_or_a_target_nothing_is_begun(place):
    class Gone(ScriptedTarget):
        async def fingerprint(self):
            raise TargetFault("it does not answer")

    place.target = Gone({})
    with pytest.raises(TargetFault):
        place.run()
    assert not (place.out / "run.json").exists()
    place.dataset.unlink()
    with pytest.raises(BadQuestions):
        place.run()


@pytest.mark.parametrize(
    ("raised", "told", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), BadRun, r"out: .*No space left.*the same command"),
        (NoKey("nobody may ask"), NoKey, "nobody may ask"),
    ],
)
def test_what_breaks_a_worker_is_told_as_one_error(place, raised, told, said):
    class Breaks(ScriptedTarget):
        async def ask(self, _question):
            await asyncio.sleep(0)
            raise raised

    place.target = Breaks({})
    with pytest.raises(told, match=said):
        place.run()


def test_a_folder_that_cannot_be_made_is_told_with_its_name(place):
    place.out.parent.joinpath("file").write_text("")
    with pytest.raises(BadRun, match="file/out"):
        place.run(out=place.out.parent / "file/out")
