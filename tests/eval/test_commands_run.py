"""`python -m eval run`: what it says, and its exit codes."""

import json

import pytest
import typer
from typer.testing import CliRunner

from eval.commands import run as command
from eval.dataset import Question
from eval.errors import NoKey, OtherRun, TargetFault
from eval.folder import Dataset, Run
from eval.outcome import Outcome
from eval.run import Finished
from eval.scoring import score
from eval.scripted import FINGERPRINT

ASKED = Question(id="q-1", question="How?")
RUN = Run(id="r", at="", dataset=Dataset(name="set", version="v", rows=1), fingerprint=FINGERPRINT)


class Line:
    """The command line, with a run that does as it is told."""

    def __init__(self, patch):
        self.app, self.orders, self.does = typer.Typer(), [], finished
        command.commands(self.app)
        self.app.callback()(lambda: None)
        patch.setattr(command, "carry_out", self._carry_out)
        patch.setattr(command, "configure_logging", lambda _: None)

    def _carry_out(self, order, place, watch, _report):
        watch("asking", 1, 1)
        self.orders.append((order, place))
        return self.does()

    def __call__(self, *options):
        return CliRunner().invoke(self.app, ["run", "--dataset", "set.jsonl", "--out", "dir", *options])


def finished(error=None):
    outcome = Outcome(question=ASKED, error=error)
    return Finished(RUN, score([], []), (outcome,) if error else ())


def stopped():
    raise KeyboardInterrupt


def raising(error):
    def does():
        raise error

    return does


@pytest.fixture
def line(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Line(monkeypatch)


def test_a_run_that_is_done_exits_0_and_tells_where_the_report_is(line):
    done = line()
    assert (done.exit_code, "dir/report.html" in done.stderr) == (0, True)
    ((order, place),) = line.orders
    assert (order.concurrency, place.model, place.url, place.key) == (1, "default", None, None)


def test_with_json_nothing_else_is_on_stdout(line):
    done = line("--json")
    told = json.loads(done.stdout)
    assert set(told) == {"run", "metrics", "failed", "out"}
    assert told["run"]["fingerprint"] == FINGERPRINT.model_dump()


def test_questions_that_failed_are_listed_and_exit_1(line):
    line.does = lambda: finished("the engine broke down")
    done = line("--json")
    assert done.exit_code == 1
    assert "q-1 the engine broke down" in done.stderr
    assert json.loads(done.stdout)["failed"] == [{"id": "q-1", "error": "the engine broke down"}]


@pytest.mark.parametrize("error", [NoKey("no key"), OtherRun("another --out"), TargetFault("it is gone")])
def test_what_cannot_be_done_exits_2_with_the_remedy(line, error):
    line.does = raising(error)
    done = line()
    assert (done.exit_code, done.stdout) == (2, "")
    assert str(error) in done.stderr


def test_whoever_stops_it_is_told_how_to_go_on(line):
    line.does = stopped
    done = line()
    assert done.exit_code == 1
    assert "the same command goes on" in done.stderr


@pytest.mark.parametrize(
    ("given", "options", "expected"),
    [({}, (), None), ({"PLUMBLINE_EVAL__KEY": "pk-env"}, (), "pk-env"),
     ({"PLUMBLINE_EVAL__KEY": "pk-env"}, ("--key", "pk-line"), "pk-line")],
)  # fmt: skip
def test_a_key_comes_from_the_line_or_the_environment(line, monkeypatch, given, options, expected):
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    line("--url", "http://x", *options)
    assert line.orders[0][1].key == expected
