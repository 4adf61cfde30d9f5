import pytest

from guardrails.errors import ModelError
from guardrails.grounding import Grounding, GroundingModel
from guardrails.policy_file import load_policy
from guardrails.rail import Sample
from guardrails.verdict import Stage

THRESHOLD = load_policy().rules(Stage.OUTPUT)["grounding"].threshold
LEAVE = (
    "Every full-time employee gets 28 days of annual leave a year. Leave is requested in Lomake, and the "
    "manager approves it within five working days. Unused days do not expire before the end of March. "
    "The People team, led by Maria Lindgren, keeps the records."
)
OFFICE = "The Gothenburg office moves to the third floor on 22 May 2026. It has 64 parking spaces."


@pytest.fixture(scope="module")
def rail(encoder):
    return Grounding(encoder)


def score(rail, text, *context):
    return rail.inspect(Sample(text, Stage.OUTPUT, context=context)).score


@pytest.mark.parametrize(
    "text",
    [
        "28 days [1]",
        "28 days of annual leave a year [1].",
        "the People team [1]",
        "Every full-time employee gets 28 days of annual leave a year. [1]",
        "Leave is requested in Lomake [1]. The manager approves it [1].",
        "Unused days do not expire before the end of March [1].",
        "within five working days [1]",
        "Within 5 working days [1]",
        "64 [2]",
        "22 May 2026 [2]",
        "Maria Lindgren [1]",
        "I don't know.",
        "The documents do not say.",
        "I don't know",
        "[1]",
        "",
    ],
)
def test_what_the_passages_carry_is_supported(rail, text):
    assert score(rail, text, LEAVE, OFFICE) < THRESHOLD


@pytest.mark.parametrize(
    "text",
    [
        "25 days [1]",
        "Every full-time employee gets 30 days of annual leave a year. [1]",
        "the Finance team [1]",
        "Peter Lindgren [1]",
        "Unused days expire before the end of March [1].",
        "Every full-time employee does not get 28 days of annual leave a year.",
        "21 May 2026 [2]",
        "Canberra is the capital of Australia [1].",
        "Leave is requested by phone from the receptionist [1].",
    ],
)
def test_what_the_passages_do_not_carry_is_unsupported(rail, text):
    assert score(rail, text, LEAVE, OFFICE) >= THRESHOLD


@pytest.mark.parametrize(
    "copied",
    [
        "Unused days do not expire before the end of March [1].",
        "Leave is requested in Lomake [1].",
        "the manager approves it within five working days [1]. ",
        "The People team [1], led by Maria Lindgren.",
    ],
)
def test_words_that_stand_in_a_passage_are_not_embedded(copied):
    class Unused:
        dimension = 384

        def encode(self, texts):
            raise AssertionError(texts)

    assert score(Grounding(Unused()), copied, LEAVE, OFFICE) < THRESHOLD


def test_a_claim_without_any_context_is_unsupported(rail):
    assert score(rail, "Employees get 28 days [1].") >= THRESHOLD


def test_each_sentence_has_its_own_finding_at_its_own_place(rail):
    text = "28 days of annual leave [1].  Canberra is the capital of Australia. [2]\n64 parking spaces [2]"
    findings = rail.inspect(Sample(text, Stage.OUTPUT, context=(LEAVE, OFFICE))).findings
    assert [text[found.start : found.end] for found in findings] == [
        "28 days of annual leave [1].",
        "Canberra is the capital of Australia. [2]",
        "64 parking spaces [2]",
    ]
    assert [found.score >= THRESHOLD for found in findings] == [False, True, False]


@pytest.mark.parametrize("content", [None, "", "{}", '{"weights": {"similarity": 1}, "bias": 0}', "[]"])
def test_a_missing_or_damaged_model_is_a_clear_error(tmp_path, content):
    file = tmp_path / "grounding.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(ModelError, match=r"grounding\.json"):
        GroundingModel.load(file)
