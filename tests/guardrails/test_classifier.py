from itertools import pairwise

import numpy as np
import pytest
import torch

from guardrails import weights
from guardrails.classifier import LEVELS, Classifier, Scale, save
from guardrails.errors import ModelError
from guardrails.judge import HEADS
from guardrails.tokens import OVERLAP, WINDOW, Tokens
from guardrails.transformer import Shape, Transformer

SMALL = Shape(words=30522, width=24, inner=48, positions=512, layers=2, attention=12)
PAGE = "Annual leave is requested in the tool at least two weeks ahead, and your manager approves it. "


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return Transformer(len(HEADS), SMALL).eval()


@pytest.fixture(scope="module")
def file(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("encoder") / "encoder.safetensors"
    save(network, Scale.plain(), path, {})
    return path


@pytest.fixture(scope="module")
def classifier(file):
    return Classifier.load(file)


def test_every_head_judges_with_a_probability_and_a_span(classifier):
    text = PAGE * 30
    judged = classifier.judge(text)
    assert set(judged) == set(HEADS)
    for probability, (start, end) in judged.values():
        assert 0 <= probability <= 1
        assert 0 <= start < end <= len(text)


def test_what_is_saved_gives_the_same_logits_to_eight_bits(network, classifier):
    tokens = [window.tokens for window in Tokens.load().windows(PAGE)]
    with torch.inference_mode():
        exact = network(torch.tensor(tokens)).numpy()
    assert np.allclose(classifier.logits(tokens), exact, atol=0.05)


def test_padding_changes_nothing(classifier):
    short, long = ([window.tokens for window in Tokens.load().windows(text)] for text in ("Leave?", PAGE * 3))
    alone, together = classifier.logits(short), classifier.logits([*short, *long])
    assert np.allclose(alone[0], together[0], atol=0.02)


def test_the_last_texts_are_remembered(classifier, monkeypatch):
    first = classifier.judge("How long is the notice period?")
    monkeypatch.setattr(classifier, "logits", None)
    assert classifier.judge("How long is the notice period?") is first


@pytest.mark.parametrize("text", ["", "  \n", "\u200b"])
def test_a_text_without_words_violates_nothing(classifier, text):
    assert all(judged.probability == 0 for judged in classifier.judge(text).values())


def test_many_windows_must_show_more_than_one():
    scale = Scale(np.array([[1, -0.5, 0]] * 4, dtype=np.float32), Scale.plain().innocent)
    logits = np.ones(4, dtype=np.float32)
    assert scale.calibrated(logits, 8)[0] < scale.calibrated(logits, 1)[0] == 1


def test_a_threshold_is_found_by_what_it_costs(network):
    costs = np.tile(np.linspace(3, -3, len(LEVELS), dtype=np.float32), (4, 1))
    classifier = Classifier(network, Tokens.load(), Scale(Scale.plain().calibration, costs))
    strict, lenient = (classifier.threshold_at("harm", share) for share in (0.1, 0.001))
    assert strict < lenient
    assert lenient == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-3)


def test_windows_overlap_and_cover_the_text():
    text = PAGE * 40
    spans = [window.span for window in Tokens.load().windows(text)]
    assert spans[0][0] == 0
    assert spans[-1][1] == len(text.rstrip())
    assert all(after[0] < before[1] for before, after in pairwise(spans))
    assert all(len(window.tokens) <= WINDOW + 2 for window in Tokens.load().windows(text))
    assert OVERLAP < WINDOW


@pytest.mark.parametrize("content", [None, b"", b"not a model", b"\x00" * 64])
def test_a_missing_or_damaged_file_is_a_clear_error(tmp_path, content):
    file = tmp_path / "encoder.safetensors"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ModelError, match="encoder"):
        Classifier.load(file)


def test_weights_of_another_network_are_a_clear_error(tmp_path):
    file = tmp_path / "encoder.safetensors"
    weights.save({"other.weight": torch.ones(2, 2)}, file, {})
    with pytest.raises(ModelError, match="another network"):
        Classifier.load(file)
