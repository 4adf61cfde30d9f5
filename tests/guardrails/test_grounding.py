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
def rail():
    return Grounding()


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


HOUSE = (
    "The CFO is Anna Berg and the CEO is Tom Lee. The hall has 64 chairs and 22 desks. "
    "Visitors must not smoke inside. "
    "Expenses above $5,000 are approved by the board before 5 May 2026. Guests may bring at most two dogs. "
    "The lease does not end before 2030. Sales increased by 12% in March. The depot no longer accepts cash."
)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("The CFO is Anna Berg and the CEO is Tom Lee.", "The CFO is Tom Lee and the CEO is Anna Berg."),
        ("The hall has 64 chairs and 22 desks.", "The hall has 22 chairs and 64 desks."),
        ("The hall has 64 chairs.", "The hall has sixty-five chairs."),
        ("Visitors mustn't smoke inside.", "Visitors may smoke inside."),
        ("Visitors must not smoke inside.", "Visitors must smoke inside."),
        (
            "Expenses above USD 5,000 are approved by the board.",
            "Expenses above EUR 5,000 are approved by the board.",
        ),
        (
            "Expenses above $5,000 are approved by the board.",
            "Expenses below $5,000 are approved by the board.",
        ),
        (
            "Expenses above $5,000 are approved by the board before May 5, 2026.",
            "Expenses above $5,000 are approved by the board after May 5, 2026.",
        ),
        (
            "Expenses above $5,000 are approved by the board before 2026-05-05.",
            "Expenses above $5,000 are approved by the board before 2026-06-05.",
        ),
        ("Guests may bring no more than 2 dogs.", "Guests may bring at least two dogs."),
        ("Guests may bring at most two dogs.", "Guests may not bring at most two dogs."),
        ("The lease doesn't end before 2030.", "The lease ends before 2030."),
        ("Sales increased by 12 percent in March.", "Sales decreased by 12% in March."),
        ("Sales increased by 12% in March.", "Sales increased by 12% in May."),
        ("The depot no longer accepts cash.", "The depot accepts cash."),
        ("The depot no longer accepts cash.", "The depot no longer rejects cash."),
        (
            "The hall has 64 chairs, and sales increased by 12% in March.",
            "The hall has 64 chairs, and sales fell.",
        ),
    ],
)
def test_one_changed_word_makes_a_sentence_unsupported(rail, true, false):
    assert score(rail, true, HOUSE, LEAVE) < THRESHOLD <= score(rail, false, HOUSE, LEAVE)


@pytest.mark.parametrize("gap", ["  ", "\t", " " * 100_000])
def test_how_wide_the_white_space_is_makes_no_difference(rail, gap):
    said, passage = "Staff get 25 days of leave .", "Staff get 25 days of leave."
    wide = said.replace(" ", gap)
    assert score(rail, wide, passage) == score(rail, said, passage)
    assert score(rail, said, passage.replace(" ", gap)) == score(rail, said, passage)


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
