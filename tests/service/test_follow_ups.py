"""Which questions lean on the conversation, and which stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.follow_ups import leans, unmarked
from service.grammar import tokens

LEANING = [
    # They point outside themselves.
    "Is it free?",
    "How long is its warranty?",
    "When did she join?",
    "What is her phone number?",
    "Do they get parental leave?",
    "Is that per month?",
    "Does this apply to contractors?",
    "Who pays for those?",
    "where to purchase those?",
    "Can I store an image with it?",
    "Can I use the corporate card for that?",
    "How many people work there?",
    "Which one is cheaper?",
    "Is the latter cheaper?",
    "Those gurus average return?",
    "So it can store any file?",
    "Why don\u2019t you provide that?",
    "And if it freezes, what then?",
    "That\u2019s per month?",
    # They leave out what was said.
    "And in Finland?",
    "and contractors?",
    "What about contractors?",
    "how about the Kallio 10",
    "Or by phone?",
    "For interns?",
    "in 2025?",
    "In which countries?",
    "How many days?",
    "OK, and in Sweden?",
    "Thanks! And for managers?",
    # They say nothing of their own.
    "Why?",
    "How?",
    "how long",
    "Since when?",
    "Tell me more",
    "Can you explain?",
    "What do you mean?",
    "Give me an example, please.",
    "Are you sure?",
    "What are the exceptions?",
    "What is the deadline?",
    "Any alternatives?",
    "What else?",
]
ALONE = [
    "How many days of paid leave do employees get?",
    "What is the notice period for managers?",
    "How do I reset the Silta gateway?",
    "parental leave policy",
    "Parental leave",
    "VPN",
    "on-call compensation",
    "Good manufacturing practice",
    "Great Britain office address",
    "Show me the travel policy",
    "Explain the term financial fiduciary",
    "I lost my laptop",
    # "It" and "that" point at nothing outside.
    "Is it possible to carry over vacation days?",
    "How long does it take to get a refund?",
    "How much does it cost to replace the compressor?",
    "Is it okay if I work from Spain?",
    "What happens when it comes to overtime on holidays?",
    "What does it mean for a disease to be enzootic?",
    "What should I do with a laptop that was stolen?",
    "Who ensures that backups are tested?",
    "What happens to those who leave before June?",
    "How many days off are left this year?",
    "What does this company sell?",
    "Is there a limit on the file size?",
    "Are there pension plans for part-time staff?",
    # They name it themselves.
    "Do employees keep their laptops?",
    "Does the gateway update its firmware?",
    "When the gateway freezes, how do I restart it?",
    "If an employee leaves, who collects their laptop?",
    "Who approves expenses and how are they paid?",
    "What is Silta and how do I reset it?",
    "I just got a laptop. How do I set it up?",
    "Can someone bring their dog?",
    # They begin like a follow-up and are whole.
    "And how do I reset my password?",
    "But does the insurance cover dental care?",
    "In Finland, how many days of leave do employees get?",
    "What about the policy that covers remote work from other countries?",
    "Which countries does the travel insurance cover?",
    "How many employees work in Tampere?",
    # They ask nothing.
    "Thanks!",
    "ok",
    "Great, thank you",
    "hello",
    "?!",
    "",
    # Another language: no rule fits.
    "Wie viele Urlaubstage haben Angestellte?",
    "Montako lomapäivää työntekijät saavat?",
]  # fmt: skip


@pytest.mark.parametrize("question", LEANING)
def test_a_follow_up_is_seen(question: str):
    assert leans(question)


@pytest.mark.parametrize("question", ALONE)
def test_a_question_that_stands_alone_is_left_alone(question: str):
    assert not leans(question)


def test_a_long_question_says_itself_what_it_is_about():
    assert not leans("is it so " * 21)


@pytest.mark.parametrize("tie", ["ok,", "and,", "ok,and ", "what about "])
def test_any_number_of_ties_are_taken_off(tie: str):
    found = tokens(tie * 1_100 + "why")
    assert [token.word for token in unmarked(found)] == ["why"]
    assert not leans("ok," * 1_100 + "why")


@given(st.text(max_size=300))
def test_any_text_can_be_looked_at_and_space_around_it_tells_nothing(text: str):
    assert leans(f" \n{text}\t ") is leans(text)
