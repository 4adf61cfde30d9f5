import gzip
import json

import pytest
from typer.testing import CliRunner

from eval.__main__ import app
from eval.errors import BadQuestions
from eval.rails.answerability import of_model
from eval.rails.figures import Bin, Goal, Line, auc, calibration_error, recall_at, reliability, share, spread
from eval.rails.measure import chosen, measure
from eval.rails.ranking import ranked
from eval.rails.screening import Reading, Screening
from eval.rails.texts import Text, articles, cuts, labelled, pages, rows, sample
from guardrails.answerability import Found
from guardrails.policy import Policy, Rule
from guardrails.verdict import Action, Stage
from ingest.hashing import HashEmbedder

KEY = "ghp_" + "a8Kd92LmQx71Zp0RtY4bNc6VwEfGhJsU3k5T"


def write(file, told):
    file.parent.mkdir(parents=True, exist_ok=True)
    opened = gzip.open if file.suffix == ".gz" else open
    with opened(file, "wt") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in told)


def labelled_row(number, text, label, **more):
    return {"id": f"row-{number}", "text": text, "label": label, "source": "made", **more}


@pytest.fixture
def data(tmp_path):
    write(
        tmp_path / "guard/secrets/samples.jsonl.gz",
        [
            labelled_row(1, f"token = {KEY}", 1, how="literal"),
            labelled_row(2, "the token of the day is a smile", 0, how="literal"),
        ],
    )
    mail = {"type": "EMAIL_ADDRESS", "start": 6, "end": 22}
    card = {"type": "CREDIT_CARD", "start": 0, "end": 4}
    name = {"type": "PERSON", "start": 0, "end": 5}
    told = [
        {"id": "1", "text": "Write ada@plumbline.io", "spans": [mail], "source": "made"},
        {"id": "2", "text": "card of Ada", "spans": [card, name], "source": "made"},
        {"id": "3", "text": "or bob@plumbline.io", "spans": [], "source": "made"},
    ]
    write(tmp_path / "guard/pii/dev.jsonl", told)
    write(tmp_path / "guard/pii/train.jsonl", told[:1])
    return tmp_path


def policy(*rails):
    rules = dict.fromkeys(rails, Rule(action=Action.REDACT))
    thresholds = {"pii": {"entities": {"EMAIL_ADDRESS": 0.5, "CREDIT_CARD": 0.5}}}
    return Policy.model_validate(
        {"name": "made", "message": "stopped", "stages": {Stage.OUTPUT: rules}, "rails": thresholds}
    )


def screening(*rails):
    return Screening(policy(*rails), HashEmbedder(), lambda *_: None)


def of(quality, rail):
    return {(line.name, line.of): line for line in quality.lines if line.rail == rail}


def test_secrets_are_counted_as_found_or_wrongly_flagged(data):
    quality = measure(screening("secrets"), data, ["secrets"])
    lines = of(quality, "secrets")
    assert (lines["true found", "all"].figure.value, lines["true found", "all"].met) == (1.0, True)
    assert (lines["false flagged", "all"].figure.value, lines["false flagged", "all"].met) == (0.0, True)
    assert quality.missed == ()


def test_personal_data_is_matched_by_type_and_overlap(data):
    lines = of(measure(screening("pii"), data, ["pii"]), "pii")
    figures = {key: (round(line.figure.value, 2), line.figure.n) for key, line in lines.items()}
    assert figures["precision", "dev, structured"] == (0.5, 2)
    assert figures["recall", "dev, structured"] == (0.5, 2)
    assert figures["recall", "dev, CREDIT_CARD"] == (0.0, 1)
    assert figures["recall", "train, structured"] == (1.0, 1)
    assert ("recall", "dev, PERSON") not in figures


def test_rails_that_the_policy_does_not_run_are_told_and_not_measured(data):
    quality = measure(screening("secrets"), data, ["secrets", "harm", "grounding"])
    assert quality.absent == ("harm", "grounding")
    assert {line.rail for line in quality.lines} == {"secrets"}


def test_a_missed_goal_is_listed(data):
    missed = measure(screening("pii"), data, ["pii"]).missed
    assert {(line.name, line.of) for line in missed} == {
        ("precision", "dev, structured"),
        ("recall", "dev, structured"),
    }


def test_texts_are_told_apart_by_topics_that_the_policy_never_named(data):
    asked = {"travel": "book a flight to {}", "home": "add {} to the shopping list"}
    told = [
        {"id": f"{domain}-{n}", "text": text.format(n), "domain": domain, "source": "clinc_train"}
        for domain, text in asked.items()
        for n in range(12)
    ]
    others = ("auto_and_commute", "banking", "credit_cards", "kitchen_and_dining", "meta", "small_talk")
    told += [
        {"id": f"{domain}-{n}", "text": f"{domain} {n}", "domain": domain, "source": "clinc_train"}
        for domain in (*others, "utility", "work")
        for n in range(5)
    ]
    write(data / "guard/topics/train.jsonl.gz", told)
    write(data / "guard/topics/dev.jsonl.gz", [row | {"source": "clinc_val"} for row in told])
    rules = {Stage.INPUT: {"topics": Rule(action=Action.BLOCK)}}
    made = Screening(policy().model_copy(update={"stages": rules}), HashEmbedder(), lambda *_: None)
    lines = of(measure(made, data, ["topics"]), "topics")
    for kind in ("a short sentence", "a sentence that lists parts"):
        assert lines[f"AUC, {kind}", "travel"].figure.value > 0.9
        assert lines[f"AUC, {kind}", "home"].figure.value > 0.9
        assert lines[f"AUC, mean of ten domains, {kind}", "all"].figure.n == len(told)


@pytest.mark.parametrize(
    ("violations", "clean", "area"),
    [([0.9, 0.8], [0.1, 0.2], 1.0), ([0.1], [0.9], 0.0), ([0.5, 0.5], [0.5], 0.5), ([0.3, 0.9], [0.5], 0.5)],
)
def test_the_area_is_how_often_a_violation_scores_higher(violations, clean, area):
    found = auc(violations, clean)
    assert found.value == area
    assert found.low <= area <= found.high


def test_recall_is_at_the_threshold_that_clean_texts_allow():
    clean = [0.1] * 98 + [0.6, 0.9]
    # One text in a hundred may be flagged: what scores no more than the second highest is not caught.
    assert recall_at(0.01, [0.6, 0.7, 0.95, 0.2], clean).value == 0.5
    assert recall_at(0.02, [0.6, 0.7, 0.95, 0.05], clean).value == 0.75


def test_clean_texts_that_share_a_score_are_flagged_together_or_not_at_all():
    assert recall_at(0.01, [0.98, 0.99], [0.98] * 50 + [0.1] * 50).value == 0.5


def test_scores_that_mean_what_they_say_have_no_calibration_error():
    assert calibration_error([1.0] * 5, [0.0] * 5).value == 0.0
    assert calibration_error([0.75] * 3, [0.75]).value == pytest.approx(0.0)
    assert calibration_error([0.95] * 5, [0.95] * 5).value == pytest.approx(0.45)
    assert reliability([0.95] * 5, [0.95] * 5) == (Bin(0.95, 0.5, 10),)


def test_the_gap_is_between_the_groups_farthest_apart():
    assert spread([[True, False], [False, False], [False, True]]).value == 0.5
    assert spread([]).n == 0


@pytest.mark.parametrize(
    ("way", "goal", "value", "met"),
    [("at least", 0.9, 0.9, True), ("at least", 0.9, 0.8999, False), ("at most", 0.02, 0.02, True),
     ("at most", 0.02, 0.021, False)],
)  # fmt: skip
def test_a_goal_holds_at_its_edge(way, goal, value, met):
    assert Goal(way, goal).met(value) is met


def test_what_was_measured_on_nothing_meets_no_goal_and_misses_none():
    assert Line("harm", "AUC", auc([], [0.1]), goal=Goal("at least", 0.9)).met is None
    assert share([]).n == 0


def reading(number, score, *, violation, source="made"):
    text = Text(str(number), "x" * (10 + number % 2 * 300), violation, source)
    return Reading(text, score, Action.BLOCK if score >= 0.5 else Action.ALLOW, ())


def test_figures_are_told_by_source_and_length():
    made = [reading(n, 0.9, violation=True) for n in range(20)]
    made += [reading(n, 0.9 if n < 5 else 0.1, violation=False, source="other") for n in range(100)]
    lines = {(line.name, line.of): line.figure for line in ranked("harm", made)}
    assert lines["caught", "made"].value == 1.0
    assert lines["flagged clean", "other"].value == 0.05
    assert lines["flagged clean", "to 200 characters"].n == 50
    assert ("AUC", "made") not in lines  # it has no clean texts
    # Five clean texts score as the violations do, and only one may.
    assert lines["recall at 1% FPR", "all"].value == 0.0


def test_texts_are_cut_by_source_and_length():
    texts = [Text(str(n), "x" * n, violation=False, source=f"s{n % 2}") for n in (200, 201, 901, 3_001)]
    held = {name: [each.id for each, within in zip(texts, flags, strict=True) if within]
            for name, flags in cuts(texts)}  # fmt: skip
    assert held == {
        "all": ["200", "201", "901", "3001"],
        "s0": ["200"],
        "s1": ["201", "901", "3001"],
        "to 200 characters": ["200"],
        "201-900 characters": ["201"],
        "901-3000 characters": ["901"],
        "over 3000 characters": ["3001"],
    }


def test_a_sample_is_the_same_every_time_and_keeps_the_order():
    texts = [Text(str(n), "x", violation=False, source="s") for n in range(50)]
    chosen_ones = sample(texts, 7)
    assert chosen_ones == sample(texts, 7)
    assert [int(each.id) for each in chosen_ones] == sorted(int(each.id) for each in chosen_ones)
    assert len(chosen_ones) == 7


def test_rows_without_a_label_are_left_out(tmp_path):
    write(
        tmp_path / "x.jsonl", [labelled_row(1, "a", 1), labelled_row(2, "b", None), labelled_row(3, "c", 0)]
    )
    assert [(each.id, each.violation) for each in labelled(tmp_path / "x.jsonl")] == [
        ("row-1", True),
        ("row-3", False),
    ]


def test_pages_are_the_beginnings_of_long_files_and_articles(tmp_path):
    (tmp_path / "long.md").write_text("x" * 5_000)
    (tmp_path / "short.md").write_text("x")
    paragraphs = [{"context": "y" * 1_500} for _ in range(7)]
    (tmp_path / "dev.json").write_text(json.dumps({"data": [{"title": "Y", "paragraphs": paragraphs}]}))
    assert [(each.id, len(each.text)) for each in pages(tmp_path)] == [("long.md", 4_000)]
    assert [len(each.text) for each in articles(tmp_path / "dev.json")] == [4_000, 4_000]


@pytest.mark.parametrize(
    ("content", "told"), [("{}\n[", r"x\.jsonl:2: not a JSON object"), ("1\n", r"x\.jsonl:1: not a JSON")]
)
def test_a_line_that_cannot_be_read_is_named(tmp_path, content, told):
    (tmp_path / "x.jsonl").write_text(content)
    with pytest.raises(BadQuestions, match=told):
        rows(tmp_path / "x.jsonl")


def test_a_field_that_is_missing_is_named(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"id": "1", "text": "a", "source": "s"}\n')
    with pytest.raises(BadQuestions, match=r"x\.jsonl: a row has no field 'label'"):
        labelled(tmp_path / "x.jsonl")


def test_rails_are_chosen_by_name():
    assert chosen("harm, pii") == ("harm", "pii")
    assert len(chosen(None)) > 5
    with pytest.raises(BadQuestions, match="no figures of magic"):
        chosen("magic")


def command(*given):
    return CliRunner().invoke(app, ["rails", *map(str, given)])


def test_the_command_writes_what_it_prints(data, tmp_path):
    file = tmp_path / "made.yaml"
    file.write_text(
        "name: made\nmessage: stopped\nstages: {output: {secrets: {action: redact}, pii: {action: redact}}}\n"
        "rails: {pii: {entities: {EMAIL_ADDRESS: 0.5}}}\n"
    )
    given = (
        "--data",
        data,
        "--only",
        "secrets,pii,harm",
        "--policy",
        file,
        "--out",
        tmp_path / "out",
        "--json",
    )
    done = command(*given)
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out/rails.json").read_text())
    assert told["absent"] == ["harm"]
    found = next(each for each in told["figures"] if each["name"] == "true found" and each["of"] == "all")
    assert (found["value"], found["n"], found["goal"], found["met"]) == (1.0, 1, "≥ 1", True)
    assert told["missed"] == ["pii: precision", "pii: recall"]
    assert command(*given, "--check").exit_code == 1
    shown = command(*given[:-1])
    assert "missed" in shown.stdout
    assert "dev, EMAIL_ADDRESS" in shown.stdout


@pytest.mark.parametrize(
    ("given", "told"),
    [(["--only", "magic"], "no figures of magic"), (["--policy", "nowhere.yaml"], "nowhere.yaml")],
)
def test_what_cannot_be_measured_is_told_with_a_remedy(data, given, told):
    done = command("--data", data, *given)
    assert done.exit_code == 2
    assert told in done.stderr.replace("\n", "")


class Pointer:
    """Finds what stands behind "is"."""

    def found(self, asked):
        return [self._found(question, text) for question, text in asked]

    def _found(self, question, text):
        start = text.find("is ") + 3
        return Found(float("cost" in question), (start, len(text) - 1))


def test_the_answerability_model_is_measured_by_telling_apart_and_by_the_words_it_points_at(tmp_path):
    def asked(number, question, answers):
        return {"id": f"{number}", "question": question, "answers": answers, "is_impossible": not answers}

    paragraphs = [
        {
            "context": f"The pump of hall {n} is green.",
            "qas": [
                asked(2 * n, "Which colour?", [{"text": "green", "answer_start": 24}]),
                asked(2 * n + 1, "What does it cost?", []),
            ],
        }
        for n in range(40)
    ]
    (tmp_path / "qa").mkdir()
    told = {"data": [{"title": "Pumps", "paragraphs": paragraphs}]}
    (tmp_path / "qa" / "dev.json").write_text(json.dumps(told))
    seen = []
    lines = {line.name: line for line in of_model(Pointer(), tmp_path, watch=lambda *told: seen.append(told))}
    assert [line.figure.value for line in lines.values()] == [1.0, 1.0, 1.0]
    assert lines["answer's words, F1"].figure.n == 40
    assert seen == [("answerability", 64, 80), ("answerability", 80, 80)]
    (fewer, *_) = of_model(Pointer(), tmp_path, most=10)
    assert fewer.figure.n == 10
