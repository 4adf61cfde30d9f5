"""The gate: what is worse is named, what is not compares as the same, and what cannot be told is said."""

import json
import shutil

import pytest

from eval.errors import BadRules, Incomparable
from eval.gate import judge
from eval.rules import Rule, Rules, read_rules
from tests.eval.run_folders import Fault, write_run

# What an unchanged system does from night to night: a few answers and hits come and go.
NOISE = {"prompt": 0.03, "retriever": 0.02}
RULES = read_rules()


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "baseline", Fault(**NOISE), seed=0)


@pytest.fixture
def run(tmp_path):
    return lambda fault, seed=1, **more: write_run(tmp_path / f"run-{seed}", fault, seed, **more)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (Fault(prompt=0.4), {"answer_f1", "exact_match", "support"}),
        (Fault(retriever=0.3), {"recall@5", "mrr", "wrongly_refused"}),
        (Fault(prompt=0.7, fingerprint={"adapter": "base"}), {"answer_f1"}),
        (Fault(rails=1.0, fingerprint={"policy": "none"}), {"block_rate"}),
        (Fault(access=0.5), {"leaks"}),
        (Fault(slow=3.0), {"first_token_ms", "total_ms"}),
        (Fault(errors=0.1), {"errors"}),
    ],
    ids=["prompt", "retriever", "adapter", "rails", "access", "slow", "errors"],
)
def test_a_regression_is_caught_and_named(baseline, run, fault, named):
    judgement = judge(run(fault, seed=5), baseline, RULES)
    assert not judgement.passed
    assert named <= {verdict.metric for verdict in judgement.regressions}
    assert {name for name, (_, now) in judgement.changed.items() if now} == set(fault.fingerprint)


def test_rows_that_fell_are_named_the_worst_first(baseline, run):
    judgement = judge(run(Fault(prompt=0.5)), baseline, RULES)
    (f1,) = [verdict for verdict in judgement.regressions if verdict.metric == "answer_f1"]
    assert 10 <= len(f1.flipped) <= 20
    assert f1.change < -0.2
    assert f1.low <= f1.change <= f1.high
    assert "rows of both runs" in f1.reason


@pytest.mark.slow
def test_an_unchanged_system_passes_twenty_times_in_a_row(tmp_path):
    baseline = write_run(tmp_path / "0", Fault(**NOISE), seed=100, times=1)
    for seed in range(101, 121):
        judgement = judge(write_run(tmp_path / "1", Fault(**NOISE), seed, times=1), baseline, RULES)
        assert judgement.passed, [(each.metric, each.reason) for each in judgement.regressions]


def test_an_improvement_is_seen_as_one(run, tmp_path):
    worse = write_run(tmp_path / "worse", Fault(prompt=0.4), seed=3)
    judgement = judge(run(Fault()), worse, RULES)
    assert judgement.passed
    assert "answer_f1" in {verdict.metric for verdict in judgement.of("better")}


def test_a_judges_metric_advises_and_never_stops(baseline, run, tmp_path):
    candidate = run(Fault(**NOISE))
    rows = [json.loads(line) for line in (candidate / "rows.jsonl").read_text().splitlines()]
    for row in rows:
        row["scores"]["faithfulness"] = 0.0 if row["scores"]["faithfulness"] is not None else None
    (candidate / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    judgement = judge(candidate, baseline, RULES)
    assert judgement.passed
    assert "faithfulness" in {verdict.metric for verdict in judgement.of("worse")}


def change(folder, **parts):
    held = json.loads((folder / "metrics.json").read_text())
    for path, value in parts.items():
        place = held
        *way, last = path.split("__")
        for step in way:
            place = place[step]
        place[last] = value
    (folder / "metrics.json").write_text(json.dumps(held))
    return folder


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"run__dataset__version": "other"}, "version other of the questions"),
        ({"run__fingerprint__corpus": "other"}, "the corpus of"),
    ],
)
def test_runs_of_other_questions_or_documents_are_not_compared(baseline, tmp_path, changed, told):
    candidate = change(shutil.copytree(baseline, tmp_path / "candidate"), **changed)
    with pytest.raises(Incomparable, match=told):
        judge(candidate, baseline, RULES)


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"metrics__support__coverage": 0.5}, "coverage too low"),
        ({"metrics__support__n": 3}, "coverage too low"),
        ({"metrics__support__value": 1e9, "metrics__leaks__value": 0.1}, "worse"),
    ],
)
def test_what_a_figure_lacks_stops_a_change(baseline, tmp_path, changed, state):
    candidate = change(shutil.copytree(baseline, tmp_path / "candidate"), **changed)
    assert state in {verdict.state for verdict in judge(candidate, baseline, RULES).regressions}


def test_a_figure_that_vanished_stops_a_change(baseline, tmp_path):
    candidate = shutil.copytree(baseline, tmp_path / "candidate")
    held = json.loads((candidate / "metrics.json").read_text())
    del held["metrics"]["support"]
    (candidate / "metrics.json").write_text(json.dumps(held))
    (verdict,) = judge(candidate, baseline, RULES).regressions
    assert (verdict.metric, verdict.state) == ("support", "coverage too low")


def test_a_metric_that_failed_on_every_row_is_not_called_good(tmp_path):
    candidate = write_run(tmp_path / "run")
    change(candidate, metrics__support__n=0, metrics__support__coverage=0.0, failures={"support": 90})
    (verdict,) = judge(candidate, None, RULES).regressions
    assert (verdict.metric, verdict.state) == ("support", "coverage too low")


def test_the_first_run_is_held_against_the_limits_alone(tmp_path):
    assert judge(write_run(tmp_path / "good"), None, RULES).passed
    leaky = judge(write_run(tmp_path / "leaky", Fault(access=1.0)), None, RULES)
    assert [verdict.metric for verdict in leaky.regressions] == ["leaks"]


def test_few_rows_say_nothing(baseline, tmp_path):
    rules = Rules(rule=(Rule(metric="*", rows=1000),))
    with pytest.raises(Incomparable, match="are too few to tell"):
        judge(shutil.copytree(baseline, tmp_path / "candidate"), baseline, rules)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({"floor": 0.1}, True),
        ({"ceiling": 1.0}, True),
        ({"floor": 0.1, "rows": 5}, False),
        ({"floor": 0.1, "gates": False}, False),
        ({}, False),  # no limit to hold
    ],
)
def test_limits_that_no_figure_has_the_rows_for_let_no_first_run_pass(tmp_path, rule, told):
    candidate = change(write_run(tmp_path / "run"), metrics__support__n=5, metrics__support__value=0.9)
    rules = Rules(rule=(Rule(metric="support", **{"rows": 6} | rule), Rule(metric="*", gates=False)))
    if told:
        with pytest.raises(Incomparable, match="are too few to tell"):
            judge(candidate, None, rules)
    else:
        assert judge(candidate, None, rules).passed


def test_too_few_rows_that_stop_a_first_run_all_the_same_are_named(tmp_path):
    candidate = change(
        write_run(tmp_path / "run"),
        metrics__support__n=0,
        metrics__support__coverage=0.0,
        failures={"support": 9},
    )
    rules = Rules(rule=(Rule(metric="support", floor=0.5), Rule(metric="*", gates=False)))
    assert [each.metric for each in judge(candidate, None, rules).regressions] == ["support"]


def test_a_rule_for_a_figure_that_there_is_none_of_is_refused(baseline):
    rules = Rules(rule=(Rule(metric="leeks", ceiling=0.0), Rule(metric="*")))
    with pytest.raises(BadRules, match="no figure 'leeks'"):
        judge(baseline, None, rules)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rule = 3", "rule"),
        ("[[rule]]\nmetric = 'f1'\ntolerance = 1", "Extra inputs"),
        ("[[rule]]\nmetric = 'f1'\nabsolute = -1", "rule.0.absolute"),
        ("[[rule]]\nmetric = 'f1'\nfloor = 1\nceiling = 0", "no value would do"),
        ("[[rule", "not TOML"),
        ("", "rule"),
    ],
)
def test_wrong_rules_are_refused_by_name(tmp_path, text, told):
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(BadRules, match=told):
        read_rules(tmp_path / "rules.toml")


def test_rules_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(BadRules, match="cannot be read"):
        read_rules(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("leaks", {"ceiling": 0.0}),
        ("errors", {"ceiling": 0.02}),
        ("block_rate", {"floor": 0.5}),
        ("first_token_ms", {"relative": 0.5}),
        ("recall@1", {"gates": False}),
        ("recall@10", {"gates": True}),
        ("never_heard_of", {"absolute": 0.02}),
    ],
)
def test_the_first_rule_that_fits_holds(metric, expected):
    rule = RULES.of(metric)
    assert {name: getattr(rule, name) for name in expected} == expected


def few(folder, before, after, **changed):
    """Two runs that score one metric, `refusal_recall`, among others that say nothing."""
    for name, scores in (("before", before), ("after", after)):
        run = shutil.copytree(folder, folder.parent / f"{name}-{folder.name}")
        rows = [json.loads(line) for line in (run / "rows.jsonl").read_text().splitlines()]
        for place, row in enumerate(rows):
            row["scores"]["refusal_recall"] = scores[place] if place < len(scores) else None
        (run / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
        figure = {"value": sum(scores) / len(scores), "n": len(scores)}
        change(run, **{f"metrics__refusal_recall__{part}": value for part, value in figure.items()})
    return change(folder.parent / f"after-{folder.name}", **changed), folder.parent / f"before-{folder.name}"


@pytest.mark.parametrize(
    ("before", "after", "state"),
    [
        ([1.0] * 8, [0.0] * 8, "worse"),  # plain to see, by eight rows too
        ([1.0] * 8, [1.0] * 6 + [0.0] * 2, "not enough rows"),  # nobody could tell
        ([1.0] * 30, [1.0] * 30, "same"),
    ],
)
def test_few_rows_are_worse_only_if_all_is_lost_and_never_the_same(tmp_path, before, after, state):
    judgement = judge(*few(write_run(tmp_path / "run"), before, after), RULES)
    (verdict,) = (each for each in judgement.verdicts if each.metric == "refusal_recall")
    assert verdict.state == state
    assert verdict.stops is (state == "worse")


def test_a_verdict_says_what_rose_and_fell_and_what_could_have_been_seen(tmp_path):
    judgement = judge(
        *few(write_run(tmp_path / "run"), [1.0] * 20 + [0.0] * 5, [0.0] * 3 + [1.0] * 22), RULES
    )
    (verdict,) = (each for each in judgement.verdicts if each.metric == "refusal_recall")
    assert "5 rose, 3 fell" in verdict.reason
    assert 0.5 < verdict.improved < 1.0
    assert verdict.detectable > 0


def test_what_was_measured_with_another_embedder_only_advises(baseline, tmp_path):
    candidate = change(shutil.copytree(baseline, tmp_path / "candidate"), run__fingerprint__embedder="other")
    names = {verdict.metric for verdict in judge(candidate, baseline, RULES).verdicts if verdict.gates}
    assert "answer_f1" in names
    assert not names & {"semantic_similarity", "answer_relevancy", "answer_correctness"}


def test_what_must_never_happen_and_was_looked_for_in_no_row_stops_a_first_run(tmp_path):
    candidate = write_run(tmp_path / "run")
    change(candidate, metrics__leaks__n=0, metrics__leaks__coverage=0.0, failures={"leaks": 1})
    (verdict,) = judge(candidate, None, RULES).regressions
    assert (verdict.metric, verdict.state) == ("leaks", "coverage too low")


@pytest.mark.parametrize(
    ("required", "few", "stopped"), [(True, True, True), (True, False, False), (False, True, False)]
)
@pytest.mark.parametrize("first", [True, False])
def test_what_is_required_and_cannot_be_told_lets_nothing_pass(tmp_path, first, required, few, stopped):
    candidate = change(write_run(tmp_path / "run"), metrics__support__n=5 if few else 50)
    before = None if first else shutil.copytree(candidate, tmp_path / "before")
    told = Rule(metric="answer_f1", floor=0.0)
    rules = Rules(
        rule=(Rule(metric="support", rows=6, required=required), told, Rule(metric="*", gates=False))
    )
    if stopped:
        with pytest.raises(Incomparable, match="support is of 5, and 6 are asked for"):
            judge(candidate, before, rules)
    else:
        assert judge(candidate, before, rules).passed
