import asyncio
import json

import pytest
from sklearn.metrics import cohen_kappa_score
from typer import Typer
from typer.testing import CliRunner

from eval.agreement import LEAST_ROWS, Agreement, Agreements, Labelled, measure, read_labelled
from eval.commands.metrics import commands
from eval.errors import BadQuestions, NoJudge
from eval.measures import judge_metrics, judge_name, measures, open_judge
from eval.metric import Failed
from eval.settings import EvalSettings
from eval.stats import Figure
from ingest.hashing import HashEmbedder
from tests.eval.judge_stand_in import judging


class Scripted:
    """A metric that says what it is told to."""

    name, better, summary, gates = "faithfulness", "higher", "mean", False

    def __init__(self, said, better="higher"):
        self.said, self.better = said, better

    def scores(self, outcomes):
        return [self.said[outcome.question.id] for outcome in outcomes]


def rows(labels):
    return [
        Labelled(id=str(place), question="q", answer="a", contexts=("c",), label=label)
        for place, label in enumerate(labels)
    ]


def held(place):
    """A row whose answer the context holds, or not."""
    text = "The pump runs."
    answer = text if place % 2 else "It sings."
    return {
        "id": str(place),
        "question": f"{place}?",
        "answer": answer,
        "contexts": [text],
        "label": place % 2,
    }


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "labelled.jsonl"
    path.write_text("".join(json.dumps(held(place)) + "\n" for place in range(40)))
    return path


@pytest.fixture
def cli(tmp_path, monkeypatch):
    app = Typer()
    app.callback()(lambda: None)
    commands(app)
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("eval.commands.metrics.configured", lambda _: HashEmbedder())

    def run(*arguments):
        return CliRunner().invoke(app, [*arguments])

    return run


def test_verdicts_are_held_to_labels_and_failures_cost_coverage():
    labels = [True, True, False, False, True]
    said = dict(zip("01234", [1.0, 0.2, 0.4, 0.9, Failed("down")], strict=True))
    found = measure(Scripted(said), "j", rows(labels))
    assert found.kappa.value == pytest.approx(cohen_kappa_score([1, 1, 0, 0], [1, 0, 0, 1]))
    assert (found.kappa.n, found.kappa.coverage, found.failures) == (4, 0.8, {"4": "down"})


def test_where_less_is_better_a_low_score_is_a_yes():
    said = {"0": 0.0, "1": 1.0}
    assert measure(Scripted(said, "lower"), "j", rows([True, False])).kappa.value == 1.0


@pytest.mark.parametrize(
    ("low", "n", "suffices"), [(0.5, LEAST_ROWS, True), (0.39, 500, False), (1.0, LEAST_ROWS - 1, False)]
)
def test_a_metric_gates_where_enough_rows_show_that_the_judge_agrees(low, n, suffices):
    assert Agreement("m", "j", Figure(1.0, low, 1.0, n), {}).suffices(0.4) is suffices


def test_what_was_shown_is_found_again_for_this_judge_and_metric_only(tmp_path):
    kept = Agreement("faithfulness", "org/m-1234", Figure(0.8, 0.6, 0.9, 50, 0.9), {"7": "down"})
    shown = Agreements(tmp_path)
    shown.keep(kept)
    assert shown.find("faithfulness", "org/m-1234") == kept
    assert shown.find("faithfulness", "org/m-other") is None
    assert shown.find("context_recall", "org/m-1234") is None


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("", "holds no labelled row"),
        ("{", "line 1, field row"),
        ('{"id":"1","question":"q","answer":"a","label":"perhaps"}', "line 1, field label"),
        ('{"id":"1","question":"q","answer":"a","label":1}\n' * 2, "line 2: the id '1' occurs twice"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(tmp_path, lines, reason):
    path = tmp_path / "rows.jsonl"
    path.write_text(lines)
    with pytest.raises(BadQuestions, match=reason):
        read_labelled(path)


def test_the_command_measures_a_judge_and_its_metric_gates_from_then_on(cli, file, monkeypatch):
    with judging() as (url, bench):
        monkeypatch.setenv("PLUMBLINE_EVAL__JUDGE_URL", url)
        settings = EvalSettings()
        assert not any(metric.gates for metric in judge_metrics(settings, HashEmbedder()))
        done = cli("agreement", "--rows", str(file), "--json")
        assert done.exit_code == 0, done.output
        told = json.loads(done.stdout)
        assert (told["kappa"]["value"], told["kappa"]["n"], told["gates"]) == (1.0, 40, True)
        assert told["judge"] == judge_name(settings)
        gating = [metric.name for metric in judge_metrics(settings, HashEmbedder()) if metric.gates]
        assert gating == ["faithfulness"]
        monkeypatch.setenv("PLUMBLINE_EVAL__JUDGE_MODEL", "another")
        assert not any(metric.gates for metric in judge_metrics(EvalSettings(), HashEmbedder()))
        assert bench.calls > 0


def test_rows_without_a_verdict_are_listed_and_the_exit_says_so(cli, file, monkeypatch):
    with judging(lambda prompt, _: "nonsense" if "7?" in prompt else "") as (url, _):
        monkeypatch.setenv("PLUMBLINE_EVAL__JUDGE_URL", url)
        done = cli("agreement", "--rows", str(file), "--json")
    told = json.loads(done.stdout)
    assert done.exit_code == 1
    assert set(told["failures"]) == {"7", "17", "27", "37"}
    assert told["kappa"]["coverage"] == 0.9


def test_without_a_judge_or_with_an_unknown_metric_the_remedy_is_told(cli, file, monkeypatch):
    done = cli("agreement", "--rows", str(file))
    assert (done.exit_code, "PLUMBLINE_EVAL__JUDGE_URL" in done.output) == (2, True)
    monkeypatch.setenv("PLUMBLINE_EVAL__JUDGE_URL", "http://127.0.0.1:9/v1")
    done = cli("agreement", "--rows", str(file), "--metric", "beauty")
    assert (done.exit_code, "faithfulness" in done.output) == (2, True)


def test_what_is_configured_is_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    plain = {metric.name for metric in measures(EvalSettings(), HashEmbedder())}
    full = EvalSettings(judge_url="http://judge/v1", price_prompt=1.0)
    added = {metric.name for metric in measures(full, HashEmbedder())} - plain
    assert {"cost", "faithfulness", "noise_sensitivity"} < added
    assert (judge_name(EvalSettings()), judge_name(full)[:8]) == ("", "default-")
    with pytest.raises(NoJudge):
        open_judge(EvalSettings())


def test_an_endpoints_client_serves_one_event_loop_after_another(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    with judging() as (url, _):
        judge = open_judge(EvalSettings(judge_url=url))
        for number in range(3):
            assert asyncio.run(judge.fill(f"{number}?", Labelled)).id == "so it is"
