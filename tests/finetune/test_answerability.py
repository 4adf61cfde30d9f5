import json
import random

import pytest
import torch
from typer.testing import CliRunner

from finetune.__main__ import app
from finetune.datasets.dataset import load
from finetune.datasets.readings import Reading, Shown, answered, refused
from finetune.errors import OtherRun
from finetune.rails.answerability import learn, make
from finetune.rails.answerability.learn import Recipe, batches, marked, train
from finetune.rails.answerability.make import told_apart
from finetune.rails.answerability.rows import Row, rows
from finetune.training.checkpoint import Checkpoint
from guardrails.answerability import Answerability
from guardrails.tokens import Tokens
from guardrails.transformer import Shape, SpanReader
from tests.finetune import lessons
from tests.finetune.lessons import written

TOKENS = Tokens.load()
SMALL = Shape(width=24, inner=32, layers=1, attention=2)
QUICK = Recipe(epochs=2, tokens=256, rate=1e-3)
LEAVE = Shown("Leave", "Employees get 27 days of leave. Unused days expire in March.")
PUMPS = Shown("27 pumps", "The P4 pump lifts 120 litres a minute. It is green.")
READING = Reading(
    (PUMPS, LEAVE),
    (
        answered("How many days of leave?", "27 days", 2),
        answered("How much does the P4 lift?", "120 litres", 1),
        refused("What does the P4 pump cost?", "adversarial"),
        refused("How many days of unpaid leave do employees get?", "same-article"),
    ),
)


def dice(seed=1):
    return random.Random(seed)  # noqa: S311  # a reproducible choice, not a secret


def made(count=12):
    texts = [f"Item {number} costs {number * 7} euros in every shop." for number in range(count)]
    costs = [(text.index("costs") + 6, text.index(" in")) for text in texts]
    asked = [
        Row(f"What does item {n} cost?", text, span, "answerable")
        for n, (text, span) in enumerate(zip(texts, costs, strict=True))
    ]
    none = [Row(f"What does item {n} weigh?", text, None, "adversarial") for n, text in enumerate(texts)]
    return [*asked, *none]


def test_an_answer_is_marked_in_its_own_passage_and_not_in_a_heading():
    found = {row.question: row for row in rows([READING], dice()) if row.kind != "ablated"}
    leave = found["How many days of leave?"]
    assert leave.text == "Leave\nEmployees get 27 days of leave. Unused days expire in March."
    assert leave.text[slice(*leave.span)] == "27 days"
    pumps = found["How much does the P4 lift?"]
    assert pumps.text[slice(*pumps.span)] == "120 litres"


def test_a_question_without_an_answer_stands_beside_the_passage_that_looks_most_like_it():
    found = {row.question: row for row in rows([READING], dice())}
    assert found["What does the P4 pump cost?"].text.startswith("27 pumps\n")
    assert found["How many days of unpaid leave do employees get?"].text.startswith("Leave\n")
    assert found["What does the P4 pump cost?"].span is None


def test_an_ablated_passage_lacks_the_sentences_that_answer():
    every = [row for seed in range(40) for row in rows([READING], dice(seed))]
    ablated = {(row.question, row.text, row.span) for row in every if row.kind == "ablated"}
    assert ablated == {
        ("How many days of leave?", "Leave\nUnused days expire in March.", None),
        ("How much does the P4 lift?", "27 pumps\nIt is green.", None),
    }


def test_what_a_dataset_stresses_comes_twice_at_most_and_other_questions_once():
    made = [row for row in rows([READING] * 9, dice()) if row.kind != "ablated"]
    often = {row.question: made.count(row) for row in made}
    assert often == {
        "How many days of leave?": 1,
        "How much does the P4 lift?": 2,
        "What does the P4 pump cost?": 2,
        "How many days of unpaid leave do employees get?": 1,
    }


def test_ends_are_tokens_of_the_answer_or_the_first_token():
    for row, found in zip(made(), marked(made(), TOKENS), strict=True):
        if row.span is None:
            assert (found.first, found.last) == (0, 0)
        else:
            spans = [found.pair.spans[place - found.pair.start] for place in (found.first, found.last)]
            assert row.text[spans[0][0] : spans[1][1]] == row.text[slice(*row.span)]


def test_an_answer_far_behind_is_marked_in_the_window_that_holds_it():
    text = "The pump was sold to a farmer. " * 150 + "It costs 450 euros."
    start = text.index("450")
    (found,) = marked([Row("What does it cost?", text, (start, start + 9), "answerable")], TOKENS)
    spans = [found.pair.spans[place - found.pair.start] for place in (found.first, found.last)]
    assert text[spans[0][0] : spans[1][1]] == "450 euros"


@pytest.mark.parametrize(("epochs", "share"), [(1, 1), (2, 2), (0.5, 0.5), (1.5, 1.5)])
def test_every_row_is_read_as_often_as_there_are_epochs(epochs, share):
    found = marked(made(40), TOKENS)
    steps = list(batches(found, replace_recipe(epochs=epochs)))
    assert sum(map(len, steps)) == pytest.approx(share * len(found), rel=0.1)
    assert steps == list(batches(found, replace_recipe(epochs=epochs)))
    assert steps[:3] != list(batches(found, replace_recipe(epochs=epochs, seed=8)))[:3]


def replace_recipe(**changed):
    return QUICK._replace(**changed)


def learnt(folder, rows_, recipe=QUICK, say=lambda _: None):
    torch.manual_seed(recipe.seed)
    network = SpanReader(SMALL)
    checkpoint = Checkpoint(folder, {"recipe": list(recipe)})
    return network, train(network, marked(rows_, TOKENS), recipe, checkpoint, say)


def test_a_run_that_is_killed_goes_on_to_the_weights_of_an_undisturbed_one(tmp_path, monkeypatch):
    monkeypatch.setattr(learn, "KEPT", 3)
    monkeypatch.setattr(learn, "TOLD", 2)
    whole, told = learnt(tmp_path / "whole", made())

    def killed(line):
        if line.startswith("step 4"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learnt(tmp_path / "run", made(), say=killed)
    lines = []
    again, told_again = learnt(tmp_path / "run", made(), say=lines.append)
    assert lines[0].startswith("step 4")  # not from the beginning
    assert [each["loss"] for each in told_again[3:]] == [each["loss"] for each in told[3:]]
    for one, other in zip(whole.state_dict().values(), again.state_dict().values(), strict=True):
        assert torch.equal(one, other)


def test_another_recipe_does_not_go_on_from_a_run(tmp_path):
    learnt(tmp_path / "run", made())
    with pytest.raises(OtherRun, match="recipe"):
        learnt(tmp_path / "run", made(), replace_recipe(rate=0.5))


def test_it_learns_to_tell_questions_with_an_answer_from_others(tmp_path):
    network, told = learnt(tmp_path / "run", made(), replace_recipe(epochs=60, rate=3e-3))
    assert told[-1]["loss"] < told[0]["loss"] / 2
    apart = told_apart(Answerability(network, TOKENS, "tiny"), made())
    assert apart["adversarial"]["auc"] > 0.9
    assert apart["adversarial"]["n"] == len(made())


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(make, "Recipe", lambda: Recipe(epochs=1, layers=1))


def run(*options):
    return CliRunner().invoke(app, ["rail", "answerability", *map(str, options)])


def test_the_command_writes_weights_figures_and_a_card(tmp_path, quick):
    written(tmp_path / "data")
    out = tmp_path / "answerability.safetensors"
    done = run("--dataset", tmp_path / "data", "--out", out)
    assert done.exit_code == 0, done.output
    model = Answerability.load(out)
    (found,) = model.found([("What is the code of room 3?", "The code of room 3 is 21.")])
    assert isinstance(found.lack, float)
    card = json.loads((tmp_path / "answerability" / "card.json").read_text())
    assert (card["name"], card["dataset"]["hash"]) == (model.name, load(tmp_path / "data").manifest["hash"])
    assert json.loads(out.with_suffix(".json").read_text())["curve"][-1]["step"] == card["steps"]
    assert not out.with_suffix(".run").exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--out", "x.safetensors"), "--dataset"),
        (("--out", "x.safetensors", "--dataset", "nowhere"), "nowhere"),
    ],
)
def test_a_missing_dataset_is_named(tmp_path, monkeypatch, quick, options, told):
    monkeypatch.chdir(tmp_path)
    done = run(*options)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "x.safetensors").exists()


def test_a_dataset_without_unanswerable_questions_teaches_nothing(tmp_path, quick, monkeypatch):
    monkeypatch.setattr(lessons, "TRAINING", [Reading((LEAVE,), (answered("How many?", "27 days", 1),))])
    written(tmp_path / "data")
    done = run("--dataset", tmp_path / "data", "--out", tmp_path / "x.safetensors")
    assert done.exit_code == 2
    assert "none without" in " ".join(done.output.split())
