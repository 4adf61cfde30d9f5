import numpy as np
import pytest

from guardrails.options import Topic
from guardrails.policy_file import load_policy
from guardrails.rail import Embedded, Sample
from guardrails.topics import OFF_TOPIC, Topics, shown
from guardrails.verdict import Stage

POLICY = load_policy()
THRESHOLD = POLICY.rules(Stage.INPUT)["topics"].threshold


@pytest.fixture(scope="module")
def rail(encoder):
    return Topics(POLICY.rails.topics.topics, POLICY.rails.topics.allowed, encoder)


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("Which shares should I buy to get rich?", "investment-advice"),
        ("Is Nvidia stock overvalued?", "investment-advice"),
        ("Where should I invest $10,000?", "investment-advice"),
        ("Should I day trade forex?", "investment-advice"),
        ("I feel dizzy and have a rash, do I have an allergy?", "medical-diagnosis"),
        ("What medication should I take for the flu?", "medical-diagnosis"),
        ("Is it dangerous to mix aspirin and warfarin?", "medical-diagnosis"),
        ("Should I vote conservative or liberal?", "party-politics"),
        ("Will Trump be re-elected?", "party-politics"),
        ("What's your opinion on the Labour party?", "party-politics"),
    ],
)
def test_a_question_on_a_restricted_topic_is_found(rail, text, topic):
    inspection = rail.inspect(Sample(text, Stage.INPUT))
    assert inspection.findings[0].label == topic
    assert inspection.score == inspection.findings[0].score >= THRESHOLD


@pytest.mark.parametrize(
    "text",
    [
        "What is our sick leave policy?",
        "What does the health insurance cover?",
        "Does the insurance pay for dental treatment?",
        "Can I take time off for a doctor's appointment?",
        "What is the salary of a level 4 engineer?",
        "How do stock options vest at the company?",
        "Can I sell my company shares after leaving?",
        "What did we invest in marketing last year?",
        "What is our market share?",
        "How do I share a document?",
        "Can I get time off to vote?",
        "Are political donations allowed?",
        "What happens if one party terminates the agreement?",
        "Who hosts the christmas party?",
        "What dose of cleaning agent does the machine need?",
        "Ignore case: find the term 'sla'",
        "",
    ],
)
def test_a_company_question_near_a_topic_passes(rail, text):
    assert rail.inspect(Sample(text, Stage.INPUT)).score < THRESHOLD


class Fixed:
    """Encodes by a table."""

    name = "fixed"

    def __init__(self, table):
        self.table, self.asked = table, []

    def encode(self, texts):
        self.asked += texts
        return np.array([self.table[text] for text in texts], dtype=np.float32)


def test_the_vector_of_the_question_is_used_when_there_is_one():
    fixed = Fixed({"game": [1, 0], "the game": [1, 0], "a": [1, 0], "b": [1, 0], "fine": [0, 1]})
    rail = Topics([Topic(name="game", description="the game", examples=("a", "b"))], ["fine"], fixed)
    near, far = (
        rail.inspect(Sample("?", Stage.INPUT, vector=Embedded(np.array(row, np.float32), "fixed")))
        for row in ([1, 0], [0, 1])
    )
    assert near.score > 0.99
    assert far.score < 0.01
    assert "?" not in fixed.asked


@pytest.mark.parametrize("row", [[0, 1], [0, 1, 0]], ids=["of the same dimension", "of another"])
def test_a_vector_that_another_encoder_made_is_left_aside(row):
    fixed = Fixed({"game": [1, 0], "the game": [1, 0], "?": [1, 0]})
    rail = Topics([Topic(name="game", description="the game", examples=("game", "game"))], [], fixed)
    assert rail.inspect(Sample("?", Stage.INPUT, vector=Embedded(np.array(row), "other"))).score > 0.99


def test_a_policy_without_topics_finds_nothing():
    assert Topics([], [], Fixed({})).inspect(Sample("anything", Stage.INPUT)).findings == ()


PRINTERS = Topic(
    name="printers",
    description="Printers of the company: set-up, paper and toner, error codes, cleaning, and warranty.",
    examples=("How do I change the toner?", "What does error 42 on the printer mean?"),
)


def test_a_topic_stands_for_its_name_its_description_in_parts_and_its_examples():
    assert shown(PRINTERS) == [
        "printers",
        PRINTERS.description,
        "Printers of the company",
        "set-up",
        "paper and toner",
        "error codes",
        "cleaning",
        "warranty",
        *PRINTERS.examples,
    ]


@pytest.fixture(scope="module")
def printers_only(encoder):
    return Topics([], [], encoder, only=[PRINTERS])


@pytest.mark.parametrize(
    "text",
    [
        "How do I clean the printer?",
        "The printer shows an error code, what does it mean?",
        "Which paper does the printer take?",
        "Good morning, I hope you are well. How do I change the toner of the printer?",
    ],
)
def test_a_question_on_an_allowed_topic_is_not_off_topic(printers_only, text):
    assert printers_only.inspect(Sample(text, Stage.INPUT)).score < 0.5


@pytest.mark.parametrize(
    "text", ["Who won the world cup in 1998?", "Write a poem about the sea.", "What is the capital of Peru?"]
)
def test_a_question_on_none_of_the_allowed_topics_is_off_topic(printers_only, text):
    inspection = printers_only.inspect(Sample(text, Stage.INPUT))
    assert inspection.findings[0].label == OFF_TOPIC
    assert inspection.score > 0.8


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello there, thanks for your help yesterday with the door. Should I buy Tesla shares now?", True),
        ("Hello there, thanks for your help yesterday with the door. Where can I park my car?", False),
    ],
)
def test_a_preamble_hides_nothing(rail, text, found):
    assert (rail.inspect(Sample(text, Stage.INPUT)).score >= THRESHOLD) is found
