from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.answerability import LONGEST, NOTHING, Answerability, save
from guardrails.errors import ModelError
from guardrails.tokens import Tokens
from guardrails.transformer import Shape, SpanReader, Transformer

SMALL = Shape(width=24, inner=32, layers=1, attention=2)
TOKENS = Tokens.load()
WORDS = st.lists(st.sampled_from(["The", "pump", "costs", "EUR 450.", "été", "😀", "[1]", "\n"]), max_size=80)


def lack(model, question, text):
    return model.found([(question, text)])[0].lack


@pytest.fixture(scope="module")
def untrained():
    torch.manual_seed(7)
    return Answerability(SpanReader(SMALL), TOKENS, "untrained")


@settings(max_examples=60, deadline=None)
@given(question=WORDS.map(" ".join), text=WORDS.map(" ".join), most=st.integers(48, 96))
def test_a_pairs_tokens_stand_for_the_characters_that_it_says(question, text, most):
    pairs = TOKENS.pairs(question, text, most)
    assert pairs
    for pair in pairs:
        assert len(pair.tokens) <= most
        assert len(pair.tokens) == pair.start + len(pair.spans) + 1
        for start, end in pair.spans:
            assert 0 <= start < end <= len(text)
    read = {place for pair in pairs for span in pair.spans for place in range(*span)}
    assert read >= {place for place, letter in enumerate(text) if letter.isalnum() and letter.isascii()}


@settings(max_examples=40, deadline=None)
@given(asked=st.lists(st.tuples(WORDS.map(" ".join), WORDS.map(" ".join)), max_size=5))
def test_what_is_found_lies_in_the_text_and_does_not_hang_on_what_is_read_beside_it(untrained, asked):
    found = untrained.found(asked)
    assert len(found) == len(asked)
    for (question, text), one in zip(asked, found, strict=True):
        start, end = one.span
        assert 0 <= start <= end <= len(text)
        assert len(TOKENS.pairs("", text[start:end])[0].spans) <= LONGEST + 2
        assert one.lack == pytest.approx(lack(untrained, question, text), abs=0.2)


def test_an_empty_text_holds_no_answer(untrained):
    assert lack(untrained, "Who?", "") == NOTHING


def test_of_a_long_text_the_best_window_counts(untrained):
    parts = ["The pump was sold. " * 60, "It is green and heavy. " * 60, "The pump costs EUR 450. " * 40]
    assert len(TOKENS.pairs("What does it cost?", "".join(parts))) > len(parts)
    alone = [lack(untrained, "What does it cost?", part) for part in parts]
    assert lack(untrained, "What does it cost?", "".join(parts)) <= min(alone) + 0.2


def test_a_model_is_called_by_its_weights_and_read_as_it_was_written(tmp_path, untrained):
    network = SpanReader(SMALL)
    save(network, tmp_path / "answerability.safetensors", {})
    first = Answerability.load(tmp_path / "answerability.safetensors")
    torch.nn.init.normal_(network.ends.weight)
    save(network, tmp_path / "answerability.safetensors", {})
    second = Answerability.load(tmp_path / "answerability.safetensors")
    assert first.name.startswith("answerability-")
    assert first.name != second.name
    assert lack(first, "Who?", "He did.") != lack(second, "Who?", "He did.")


def test_threads_that_ask_at_a_time_get_what_each_asked_for(untrained):
    asked = [("Who?", f"It was number {number}. " * number) for number in range(1, 13)]
    alone = [lack(untrained, *each) for each in asked]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda each: lack(untrained, *each), asked))
    assert together == alone


@pytest.mark.parametrize("held", ["nothing", "no weights", "weights of another network"])
def test_a_file_that_holds_another_thing_is_refused_with_a_remedy(tmp_path, held):
    file = tmp_path / "answerability.safetensors"
    if held == "no weights":
        file.write_bytes(b"none")
    if held == "weights of another network":
        save(Transformer(2, SMALL), file, {})
    with pytest.raises(ModelError, match=r"answerability\.safetensors: .*(Restore|Train)"):
        Answerability.load(file)
