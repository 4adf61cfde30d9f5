import pytest
from pydantic import ValidationError

from guardrails.guard import Guard
from guardrails.leakage import CLOSED, Leakage
from guardrails.options import Options
from guardrails.policy import Policy
from guardrails.rail import Sample
from guardrails.shingles import kept
from guardrails.verdict import Stage

CLOSED_TO_ALL = """
Role: Software engineer; Level: E2; Monthly salary: EUR 4,650; Band minimum: EUR 4,200; From: 1 March 2026
Role: Hardware engineer; Level: H2; Monthly salary: EUR 4,480; Band minimum: EUR 4,050; From: 1 March 2026
The contract with Brinkholm Bostäder has a value of EUR 3,480,000 and ends on 30 June 2028.
Project Meri closes the Turku warehouse and moves its forty employees to Tampere before the summer.
If you have any questions, please contact the people team.
"""
OPEN = """
Every full-time employee gets 28 days of annual leave a year. Salaries are reviewed every March.
The Hot water tank 300 costs EUR 4,050. Hardware engineers work in the Turku office.
If you have any questions, please contact the people team.
The salary of a hardware engineer depends on the level.
"""


class Shelf:
    """Withholds what stands in one text and not in the other."""

    key = "shelf"

    def __init__(self, closed=CLOSED_TO_ALL, readable=OPEN):
        self.closed = kept(closed) - kept(readable)

    def among(self, shingles):
        return [value for value in shingles if value in self.closed]


def judge(text, *, said=(), history=(), withheld=None, labels=frozenset()):
    sample = Sample(
        text, Stage.OUTPUT, withheld=withheld or Shelf(), said=said, history=history, labels=frozenset(labels)
    )
    return Leakage({"confidential"}).inspect(sample)


@pytest.mark.parametrize(
    "text",
    [
        "The monthly salary of an H2 hardware engineer is EUR 4,480.",
        "A hardware engineer earns 4,480 a month [1].",
        "EUR 4,480 [1]",
        "hardware engineer, H2: 4 480.00 EUR",
        "As of March 2026, software engineers of level E2 get EUR 4,650 per month.",
        "The contract with Brinkholm Bostäder has a value of EUR 3,480,000.",
        "Brinkholm Bostader's contract is worth 3.480.000 euros.",
        "Project Meri closes the Turku warehouse and moves its forty employees to Tampere before the summer.",
        "Its forty employees move to Tampere before the summer: Project Meri closes the Turku warehouse.",
        "Before the summer, Project Meri will close a Turku warehouse and move forty employees.",
    ],
)
def test_a_recital_is_found_in_whatever_form(text):
    inspection = judge(text)
    assert inspection.score >= 0.5
    assert [found.label for found in inspection.findings] == [CLOSED]


@pytest.mark.parametrize(
    "text",
    [
        "Every full-time employee gets 28 days of annual leave a year [1].",
        "You get 28 days of leave.",
        "Salaries are reviewed in March [2].",
        "The Hot water tank 300 costs EUR 4,050 [3].",
        "The price of the tank is 4,050 euros.",
        "If you have any questions, please contact the people team.",
        "Hardware engineers work in Turku.",
        "How much hardware engineers earn depends on their level; ask the people team.",
        "The monthly salary of a hardware engineer is not in the documents.",
        "I don't know",
        "Aura 12 weighs 4,470 grams.",
        "",
    ],
)
def test_what_readable_documents_say_or_nobody_does_is_no_leak(text):
    assert judge(text).score < 0.5


def test_whoever_may_read_everything_gets_everything():
    assert judge("The monthly salary of an H2 hardware engineer is EUR 4,480.", withheld=Shelf("")).score == 0


def test_a_leak_over_two_sentences_is_stopped_where_it_completes():
    first, second = "The project is called Meri.", "It closes the Turku warehouse."
    assert judge(first).score < 0.5
    assert judge(second).score < 0.5
    assert judge(second, said=(first,)).score >= 0.5


def test_what_was_let_through_before_does_not_dilute_a_leak():
    said = ("Every full-time employee gets 28 days of annual leave a year.",) * 2
    assert judge("EUR 4,480 [1]", said=said).score >= 0.5


def test_what_was_let_through_before_does_not_make_the_next_sentence_a_leak():
    said = ("Project Meri closes the Turku warehouse.",)
    assert judge("Every employee gets 28 days of annual leave.", said=said).score < 0.5


def test_the_askers_own_words_are_no_news_to_them():
    guess = "Say: the monthly salary of an H2 hardware engineer is EUR 4,480."
    assert judge("The monthly salary of an H2 hardware engineer is EUR 4,480.", history=(guess,)).score == 0
    asked = "What is the monthly salary of an H2 hardware engineer?"
    assert judge("The monthly salary of an H2 hardware engineer is EUR 4,480.", history=(asked,)).score >= 0.5


LISTED = " ".join(f"{number:,}" for number in range(4000, 5000, 10))


@pytest.mark.parametrize(
    "history",
    [
        (f"the monthly salary of an h2 hardware engineer is eur {LISTED}", "How much do they earn?"),
        (f"Is the monthly salary of an H2 hardware engineer EUR 4,480? Or one of {LISTED}?",),
        ("4,470 4,475", "4,480 4,485"),
        ("engineer hardware an earns is of monthly salary",),
    ],
)
def test_listing_words_and_numbers_before_asking_takes_nothing_from_a_leak(history):
    assert judge("The monthly salary of an H2 hardware engineer is EUR 4,480.", history=history).score >= 0.5


def test_words_that_the_asker_used_apart_are_news_when_they_stand_together():
    recital = "Project Meri closes the Turku warehouse and moves its forty employees to Tampere."
    apart = ("Tampere, Meri? Warehouse employees: closes or moves? Which forty? Any project? In Turku?",)
    assert judge(recital, history=apart).score >= 0.5
    assert judge(recital, history=(recital,)).score == 0


def test_the_finding_spans_the_words_and_quotes_none():
    text = "Of course! A hardware engineer earns EUR 4,480. "
    (found,) = judge(text).findings
    assert text[found.start : found.end].endswith("4,480")
    assert "4,480" not in found.reason
    assert found.start >= text.index("hardware")


def test_an_answer_that_rests_on_a_labelled_document_is_told_by_the_label_that_the_policy_names():
    findings = judge("It is 28 days [1].", labels={"confidential", "draft"}).findings
    assert [(found.label, found.score) for found in findings] == [("confidential", 1.0)]


def test_words_of_a_script_without_spaces_are_found():
    closed = "硬件工程师的月薪是四千四百八十欧元从三月开始"
    withheld = Shelf(closed, "每个员工有二十八天年假")
    assert judge("硬件工程师的月薪是四千四百八十欧元。", withheld=withheld).score >= 0.5
    assert judge("每个员工有二十八天年假。", withheld=withheld).score < 0.5


@pytest.mark.parametrize(("action", "blocked"), [("flag", False), ("block", True)])
def test_the_policy_says_what_a_label_does(action, blocked):
    policy = Policy.model_validate(
        {
            "name": "test",
            "message": "Stopped.",
            "stages": {"output": {"leakage": {"action": "block"}}},
            "rails": {"leakage": {"labels": {"confidential": action}}},
        }
    )
    guard = Guard(policy, [Leakage(policy.rails.leakage.labels)])
    sample = Sample("It is 28 days [1].", Stage.OUTPUT, labels=frozenset({"confidential"}))
    assert guard.judge(sample).blocked is blocked
    assert [found.label for found in guard.judge(sample).findings] == ["confidential"]


@pytest.mark.parametrize("action", ["allow", "redact"])
def test_a_label_cannot_do_less_than_flag_nor_redact(action):
    with pytest.raises(ValidationError, match="flag or block"):
        Options.model_validate({"leakage": {"labels": {"confidential": action}}})


@pytest.mark.parametrize("before", [0, 7, 8, 993, 1_999])
def test_a_recital_amid_a_long_text_is_found_wherever_it_stands(before):
    secret, signs = "硬件工程师的月薪是四千四百八十欧元", "".join(map(chr, range(0x5E00, 0x5E00 + 2_000)))
    assert judge(signs[:before] + secret + signs[before:], withheld=Shelf(secret, "")).score >= 0.5
    assert judge(signs, withheld=Shelf(secret, "")).score < 0.5
