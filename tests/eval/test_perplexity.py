import math
from types import SimpleNamespace

import pytest
import torch
from typer import Typer
from typer.testing import CliRunner

from eval.commands.metrics import commands
from eval.perplexity import LONGEST, of_answers, of_text, perplexity
from eval.questions import Row, Text
from service.models import BaseModel

WORDS = {"a": 3, "b": 4, "c": 5}


class Tokenizer:
    """A token a letter; 0 begins and 1 ends."""

    bos_token_id, eos_token_id, eos_token = 0, 1, "!"

    def __call__(self, text, **_):
        return {"input_ids": [WORDS.get(letter, 1) for letter in text]}


class Model:
    """Foretells `a` with a probability of a half after anything, and all else evenly: eight tokens."""

    device = torch.device("cpu")

    def __call__(self, tokens, logits_to_keep, **_):
        odds = torch.full((8,), 0.5 / 7)
        odds[WORDS["a"]] = 0.5
        return SimpleNamespace(logits=odds.log().expand(1, tokens.shape[1], 8)[:, -logits_to_keep:])


@pytest.fixture
def base():
    return BaseModel("m", Model(), Tokenizer())


def test_bits_are_those_of_the_probabilities_and_long_rows_weigh_more(base):
    seen = []
    told = perplexity(base, of_text(base, "aaa\n\n\n\nab\n\n  \n"), seen.append)
    assert told.bits.value == pytest.approx((4 + math.log2(14)) / 5)
    assert told.value.value == pytest.approx(2**told.bits.value)
    assert told.bits.low < told.bits.value < told.bits.high
    assert (told.bits.n, told.tokens, seen) == (2, 5, [1, 2])


def test_nothing_to_foretell_is_a_figure_of_no_rows(base):
    assert perplexity(base, of_text(base, " \n\n "), lambda _: None).bits.n == 0


def test_long_paragraphs_are_cut_and_lose_nothing(base):
    stretches = of_text(base, "a" * (LONGEST + 5))
    assert [len(stretch.wanted) for stretch in stretches] == [LONGEST, 5]
    assert all(stretch.given == [0] for stretch in stretches)


def test_of_an_answer_only_the_reply_is_foretold_and_refusals_are_left_out(tokenizer):
    base = BaseModel("m", Model(), tokenizer)
    passages = (Text("T", "Leave is 27 days."), Text("", "No."))
    rows = [
        Row("1", "How long?", ("27 days",), passages, 1, "answerable"),
        Row("2", "Why?", (), passages, 0, "adversarial"),
    ]
    (stretch,) = of_answers(base, rows)
    assert tokenizer.decode(stretch.wanted) == f"27 days [1]{tokenizer.eos_token}"
    assert "How long?" in tokenizer.decode(stretch.given)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "give either --text FILE or --questions FILE"),
        (["--text", "a", "--questions", "b"], "give either --text FILE or --questions FILE"),
        (["--text", "nowhere.txt"], "nowhere.txt: cannot be read"),
        (["--questions", "nowhere.json"], "nowhere.json: not a SQuAD v2 file"),
        (["--text", "nowhere.txt", "--model", "nobody"], "nobody"),
    ],
)
def test_bad_usage_is_told_with_its_remedy(options, reason, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    app = Typer()
    app.callback()(lambda: None)
    commands(app)
    done = CliRunner().invoke(app, ["perplexity", *options])
    assert (done.exit_code, reason in done.output) == (2, True), done.output
