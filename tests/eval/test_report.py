"""The report: the verdict first, nothing of a hostile text alive, nothing of a text in the summary."""

import json
from datetime import UTC, datetime

import pytest

from eval.charts import Value, histogram, interval, trend
from eval.dataset import Evidence, Question
from eval.errors import BadRun
from eval.gate import judge
from eval.history import annotated, point
from eval.labels import headlines, label, parts, written
from eval.marking import Span, marked, passage_pieces
from eval.metrics.table import metrics
from eval.outcome import Cited, Outcome, Passage
from eval.report import Occasion, write_report
from eval.results import Measured, read_results, read_rows
from eval.rules import read_rules
from eval.scoring import score
from eval.worst import worst
from ingest.access import Principal
from tests.eval.run_folders import Fault, write_run

HOSTILE = (
    "</p><script>alert(1)</script><img src=x onerror=alert(2)> `x` [a](http://evil) # h\n| b |\u202e\x00"
)
NIGHT = "2026-11-21"


@pytest.fixture(scope="module")
def baseline(tmp_path_factory):
    return write_run(
        tmp_path_factory.mktemp("runs") / "baseline", times=1, at=datetime(2026, 11, 20, tzinfo=UTC)
    )


@pytest.fixture(scope="module")
def worse(tmp_path_factory, baseline):
    """A run with a regression, and its report."""
    fault = Fault(prompt=0.6, errors=0.02, fingerprint={"adapter": "base"})
    folder = write_run(tmp_path_factory.mktemp("runs") / "worse", fault, seed=1, times=1)
    judgement = judge(folder, baseline, read_rules())
    before = [point(read_results(baseline), "2026-11-20", "passed")]
    occasion = Occasion(
        "default", NIGHT, judgement, read_results(baseline).run, before=before, notes=["Not in step."]
    )
    return folder, write_report(folder, occasion)


def text(folder, name="report.html"):
    return (folder / name).read_text()


def test_the_verdict_comes_first_and_names_what_got_worse(worse):
    folder, card = worse
    assert card.verdict == "regression"
    assert "Right answers (F1)" in card.said
    assert {"answer_f1", "exact_match"} <= set(card.worse)
    page = text(folder)
    verdict, rest = page.split('id="verdict"')[1].split("</section>", 1)
    assert "<b>adapter</b> grounded-qa-8fb00b31a6e6 → base" in " ".join(verdict.split())
    assert "Not in step." in verdict
    assert "Figures" in rest


def test_all_that_is_asked_of_a_report_is_in_it(worse):
    page = text(worse[0])
    for title in ("Figures", "Trends", "How long answers take", "By kind of question", "By document format"):
        assert f"<h2>{title}</h2>" in page
    assert page.count('<article class="card row"') == 20
    assert 'class="cited expected"' in page or 'class="expected"' in page
    assert "worse than before" in page


def test_it_stands_alone(worse):
    page = text(worse[0])
    for outside in ("http://", "https://", "<script", "<link", "src=", "url(", "@import"):
        assert outside not in page, outside


def test_the_markdown_says_the_same(worse):
    page = text(worse[0], "report.md")
    assert page.startswith(f"# {NIGHT}: Regression")
    assert "| `answer_f1` |" in page
    assert page.count("\n### ") == 20


def test_the_summary_holds_no_question_answer_or_passage(worse):
    folder, _ = worse
    summary, page = text(folder, "summary.html"), text(folder)
    for row in read_rows(folder):
        said = [row.outcome.question.question, *(passage.text[:40] for passage in row.outcome.shown)]
        assert not [words for words in said if words in summary]
    assert "By kind of question" in summary
    assert len(summary) < len(page)


def hostile_run(folder):
    """A run in which everything that others write is an attack on the reader."""
    passage = Passage(
        chunk_id="c",
        document_id="d",
        uri=f"file:///{HOSTILE}",
        title=HOSTILE,
        text=HOSTILE * 2,
        start=0,
        end=9,
    )
    cited = Cited(
        n=1, chunk_id="c", document_id="d", uri=HOSTILE, start=0, end=9, quote=HOSTILE, verified=False
    )
    question = Question(
        id=HOSTILE,
        question=HOSTILE,
        answers=(HOSTILE,),
        documents=(HOSTILE,),
        tenant=HOSTILE,
        language=HOSTILE,
    )
    outcome = Outcome(
        question=question,
        answer=HOSTILE,
        retrieved=(passage,),
        shown=(passage,),
        citations=(cited,),
        total_ms=5,
    )
    failed = Outcome(question=question.model_copy(update={"id": "2", "tenant": "b"}), error=HOSTILE)
    outcomes = [outcome, failed]
    scored = score(outcomes, metrics())
    folder.mkdir()
    rows = [
        {"id": each.question.id, **json.loads(each.model_dump_json()), **told}
        for each, told in zip(outcomes, scored.rows, strict=True)
    ]
    (folder / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    run = {
        "id": HOSTILE,
        "at": "2026-11-21T00:00:00+00:00",
        "dataset": {"name": HOSTILE, "version": HOSTILE, "rows": 2},
        "fingerprint": {"corpus": HOSTILE},
    }
    told = {"run": run, "metrics": scored.metrics, "breakdown": scored.breakdown, "failures": {}}
    (folder / "metrics.json").write_text(json.dumps(told))
    return folder


def test_nothing_that_a_document_says_is_alive_in_the_page(tmp_path):
    folder = hostile_run(tmp_path / "run")
    write_report(folder, Occasion(HOSTILE, NIGHT, apart=HOSTILE, notes=[HOSTILE]))
    for name in ("report.html", "summary.html"):
        page = text(folder, name)
        assert "<script" not in page
        assert "<img" not in page
    for line in text(folder, "report.md").splitlines():
        alive = line if not line.startswith("    ") else ""
        assert "<script" not in "".join(alive.split("`")[::2])


def test_texts_are_for_who_may_read_what_the_askers_may(tmp_path, worse):
    _, card = worse
    every = frozenset({"hr", "engineering", "legal"})
    assert card.readable(Principal("default", "anna", every))
    assert not card.readable(Principal("default", "ben", frozenset({"hr"})))
    assert not card.readable(Principal("other", "eve", every))
    assert card.readable(Principal.administrator())


@pytest.mark.parametrize(
    ("groups", "mine", "may"),
    [([], (), True), (["hr"], (), False), (["hr"], ("hr",), True), ([["hr", "it"]], ("it",), True)],
)
def test_what_the_run_knows_of_its_documents_counts(tmp_path, baseline, groups, mine, may):
    held = json.loads((baseline / "metrics.json").read_text())
    held["run"]["groups"] = groups
    (tmp_path / "metrics.json").write_text(json.dumps(held))
    (tmp_path / "rows.jsonl").write_text((baseline / "rows.jsonl").read_text())
    card = write_report(tmp_path, Occasion("default", NIGHT))
    assert card.readable(Principal("default", "anna", frozenset(mine))) is may


def test_a_folder_without_a_run_is_refused(tmp_path):
    with pytest.raises(BadRun, match="no finished run"):
        write_report(tmp_path, Occasion("default", NIGHT))
    (tmp_path / "metrics.json").write_text("[]")
    with pytest.raises(BadRun, match="not the figures of a run"):
        read_results(tmp_path)
    (tmp_path / "rows.jsonl").write_text("{}\n")
    with pytest.raises(BadRun, match="line 1"):
        list(read_rows(tmp_path))


def test_rows_that_went_worst_come_first_and_those_that_went_well_not_at_all(baseline):
    held = read_results(baseline).metrics
    figures = {name: held[name] for name in ("answer_f1", "support", "leaks", "total_ms")}
    rows = list(read_rows(baseline))
    found = worst(rows, figures, most=5)
    assert len(found) == 5
    assert [each.badness for each in found] == sorted((each.badness for each in found), reverse=True)
    fallen = worst(rows, figures, {found[-1].row.id}, most=5)
    assert fallen[0].row.id == found[-1].row.id
    assert fallen[0].fell
    good = [row for row in rows if row.scores["answer_f1"] == 1]
    assert good
    assert not worst(good, {"answer_f1": held["answer_f1"]})


def test_pieces_make_up_the_text_and_overlaps_carry_both_marks():
    pieces = marked("abcdef", [Span(1, 4, "cited"), Span(3, 9, "expected"), Span(-3, 0, "cited")])
    assert [(piece.text, piece.marks) for piece in pieces] == [
        ("a", ()),
        ("bc", ("cited",)),
        ("d", ("cited", "expected")),
        ("ef", ("expected",)),
    ]
    assert marked("", []) == []


def test_a_passage_is_marked_where_it_is_cited_and_where_the_answer_stands():
    passage = Passage(
        chunk_id="c", document_id="d", uri="file:///a", text="You get 30 days. Ask HR.", start=100, end=124
    )
    cited = Cited(
        n=1,
        chunk_id="c",
        document_id="d",
        uri="file:///a",
        start=117,
        end=124,
        quote="Ask HR.",
        verified=True,
    )
    evidence = Evidence(uri="file:///a", start=100, end=107, sha256="0")
    question = Question(id="1", question="?", answers=("30 DAYS", "a"), evidence=(evidence,))
    pieces = passage_pieces(Outcome(question=question, citations=(cited,)), passage)
    assert [(piece.text, piece.marks) for piece in pieces] == [
        ("You get", ("expected",)),
        (" ", ()),
        ("30 days", ("expected",)),
        (". ", ()),
        ("Ask HR.", ("cited",)),
    ]


def test_a_histogram_counts_every_time_once():
    drawn = histogram([100.0] * 98 + [60_000.0, 90_000.0])
    assert sum(int(bar.label.rpartition(" ")[2]) for bar in drawn.bars) == 100
    assert drawn.longest_ms == 90_000
    assert 0 <= drawn.median <= drawn.p95 <= 100
    assert histogram([]) is None


def test_a_trend_has_a_line_two_ends_and_no_scale_that_makes_news_of_noise():
    assert trend([Value(0.5, 0.4, 0.6, "a")]) is None
    drawn = trend([Value(0.500, 0.499, 0.501, "a"), Value(0.501, 0.500, 0.502, "b", changed=True)])
    assert drawn.top - drawn.bottom >= 0.25
    assert [dot.changed for dot in drawn.dots] == [False, True]
    ends = [trend([Value(v, v, v, "a")] * 2) for v in (0.0, 1.0)]
    assert [(each.bottom, each.top) for each in ends] == [(0.0, 0.25), (0.75, 1.0)]
    assert trend([Value(900, 800, 1000, "a")] * 2).bottom == 0


def test_an_interval_stays_within_its_scale():
    drawn = interval(2.0, -1.0, 3.0, None, 1.0)
    assert (drawn.value, drawn.low, drawn.high, drawn.before) == (100, 0, 100, None)
    assert interval(1.0, 1.0, 1.0, 1.0, 0.0).value == 0


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("answer_f1", 0.756, "0.76"),
        ("answer_f1", -0.001, "0.00"),
        ("total_ms", 812.4, "812 ms"),
        ("total_ms", 1_520.0, "1.52 s"),
        ("total_ms", 65_000.0, "65.0 s"),
    ],
)
def test_values_are_written_with_their_units(metric, value, expected):
    assert written(metric, value) == expected


def test_changes_are_written_with_their_sign():
    assert [written("f1", each, signed=True) for each in (0.1, -0.1, -0.001)] == [
        "+0.10",
        "\u22120.10",
        "+0.00",
    ]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("first_token_ms", "First token"),
        ("mrr", "MRR"),
        ("recall@5", "Recall at 5"),
        ("ndcg@10", "nDCG at 10"),
        ("never_heard_of", "Never heard of"),
    ],
)
def test_metrics_are_called_something_in_words(metric, expected):
    assert label(metric) == expected


def test_every_metric_has_its_part_of_the_table():
    names = [metric.name for metric in metrics()]
    placed = parts([*names, "never_heard_of"])
    assert placed["Other"] == ["never_heard_of"]
    assert sorted(name for part in placed.values() for name in part) == sorted([*names, "never_heard_of"])


def test_the_first_screen_shows_one_figure_of_each_kind_that_there_is():
    held = {metric.name: Measured(n=1) for metric in metrics()} | {"leaks": Measured(n=0)}
    assert headlines(held) == [
        "answer_f1", "citation_precision", "refusal_recall", "recall@5", "first_token_ms"
    ]  # fmt: skip
    assert headlines({}) == []


def test_points_know_what_was_changed(baseline, worse):
    points = annotated([point(read_results(each), NIGHT, "passed") for each in (baseline, worse[0])])
    assert points[0].changed == {}
    assert points[1].changed == {"adapter": ("grounded-qa-8fb00b31a6e6", "base")}


def test_where_something_leaked_the_texts_are_for_who_sees_every_group_alone(tmp_path):
    card = write_report(write_run(tmp_path, Fault(access=1.0), times=1), Occasion("default", NIGHT))
    every = frozenset({"hr", "engineering", "legal"})
    assert not card.readable(Principal("default", "anna", every))
    assert card.readable(Principal.administrator())
