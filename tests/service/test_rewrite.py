"""Follow-ups become questions that stand alone; nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.answer import Message
from service.follow_ups import leans
from service.rewrite import BORROWED, Exchange, exchanges, standalone

LEAVE = Exchange("How many days of paid leave do employees get?", "27 days [1]")
PRICE = Exchange("How much does the Aura 9 cost?", "EUR 1,200 [1]")
NOTICE = Exchange("What is the notice period for managers?", "Three months [1]")
ERROR = Exchange("Which product shows error E14?", "The Aura 9 [1].")
HEAD = Exchange("Who is the head of legal?", "Aino Salo [1]")
MEALS = Exchange("How much is the meal allowance in Sweden?", "EUR 40 [2]")
RESET = Exchange("How do I reset the Silta gateway?", "Hold the button [1]")
PAY = Exchange("Do contractors get sick pay?", "No [1]")
BOTH = Exchange("Does the Nuppi thermostat work with the Silta gateway?", "Yes [1]")

REWRITTEN = [
    # A piece of the question before is exchanged.
    (LEAVE, "And in Finland?", "How many days of paid leave do employees get in Finland?"),
    (LEAVE, "What about contractors?", "How many days of paid leave do contractors get?"),
    (LEAVE, "What about sick leave?", "How many days of sick leave do employees get?"),
    (PRICE, "And the Kallio 10?", "How much does the Kallio 10 cost?"),
    (NOTICE, "for interns?", "What is the notice period for interns?"),
    (MEALS, "Ok, and in Finland?", "How much is the meal allowance in Finland?"),
    (MEALS, "In 2025?", "How much is the meal allowance in Sweden in 2025?"),
    (Exchange("What was our revenue in 2024?"), "And in 2025?", "What was our revenue in 2025?"),
    (
        Exchange("How much leave do I get for my wedding?"),
        "And for moving house?",
        "How much leave do I get for moving house?",
    ),
    (
        Exchange("How much leave does every full-time employee get?"),
        "And part-time employees?",
        "How much leave does every part-time employees get?",
    ),
    (Exchange("Who leads the Hardware team?"), "And the Firmware team?", "Who leads the Firmware team?"),
    (Exchange("What does error E14 mean?"), "What about E15?", "What does error E15 mean?"),
    # What is pointed at is named.
    (PRICE, "Is it in stock?", "Is the Aura 9 in stock?"),
    (PRICE, "How long is its warranty?", "How long is the Aura 9's warranty?"),
    (NOTICE, "And can it be extended?", "Can the notice period for managers be extended?"),
    (NOTICE, "Do they get parental leave?", "Do managers get parental leave?"),
    (NOTICE, "What is their bonus?", "What is managers' bonus?"),
    (PAY, "Do they get parental leave?", "Do contractors get parental leave?"),
    (RESET, "How much does it cost?", "How much does the Silta gateway cost?"),
    (ERROR, "How much does it cost?", "How much does the Aura 9 cost?"),
    (HEAD, "When did she join?", "When did Aino Salo join?"),
    (HEAD, "What is her phone number?", "What is Aino Salo's phone number?"),
    (
        Exchange("What does the Nuppi starter kit cost?", "EUR 329 [1]"),
        "What is in it?",
        "What is in the Nuppi starter kit?",
    ),
    (
        Exchange("What does Glimmer Displays make?"),
        "What is their lead time?",
        "What is Glimmer Displays' lead time?",
    ),
    (MEALS, "Is that per day?", "Is the meal allowance in Sweden per day?"),
    # What is not clear is said together.
    (LEAVE, "Why?", f"{LEAVE.question} Why?"),
    (LEAVE, "Tell me more", f"{LEAVE.question} Tell me more"),
    (LEAVE, "Is it paid out?", f"{LEAVE.question} Is it paid out?"),
    (BOTH, "How much does it cost?", f"{BOTH.question} How much does it cost?"),
    (RESET, "When did she join?", f"{RESET.question} When did she join?"),
    (HEAD, "Is it a large team?", f"{HEAD.question} Is it a large team?"),
    (PRICE, "What about contractors?", f"{PRICE.question} What about contractors?"),
    (ERROR, "And the Kallio 10?", f"{ERROR.question} And the Kallio 10?"),
    (
        Exchange("How many unused days can be carried over?"),
        "When do they expire?",
        "How many unused days can be carried over? When do they expire?",
    ),
    (
        Exchange("Who approves a journey within the Nordic countries?"),
        "And outside them?",
        "Who approves a journey within the Nordic countries? And outside them?",
    ),
    (
        Exchange("How long does the warranty on heat pumps last?"),
        "And on the compressor?",
        "How long does the warranty on heat pumps last? And on the compressor?",
    ),
    (
        Exchange("How long does Talvio pay parental leave in full?"),
        "When must it be announced?",
        "How long does Talvio pay parental leave in full? When must it be announced?",
    ),
    (PAY, "Does this apply to them?", f"{PAY.question} Does this apply to them?"),
    (Exchange("parental leave"), "how long?", "parental leave? how long?"),
]


@pytest.mark.parametrize(("before", "question", "expected"), REWRITTEN)
def test_a_follow_up_stands_alone(before: Exchange, question: str, expected: str):
    assert standalone(question, [before]) == expected


@pytest.mark.parametrize(
    "question",
    [
        "How do I request parental leave?",
        "Does the gateway update its firmware?",
        "Is it possible to carry over vacation days?",
        "Thanks!",
        "remote work policy",
        "",
    ],
)
def test_what_stands_alone_is_left_as_it_is(question: str):
    assert standalone(question, [LEAVE, PRICE]) == question


def test_without_a_conversation_nothing_changes():
    assert standalone("Is it free?", []) == "Is it free?"
    assert standalone("Is it free?", [Exchange("Thanks!"), Exchange("ok")]) == "Is it free?"


def test_turns_that_say_nothing_are_passed_over():
    assert standalone("Why?", [LEAVE, Exchange("Thanks!", "You are welcome")]) == f"{LEAVE.question} Why?"


def test_a_chain_of_follow_ups_keeps_its_subject():
    told: list[Exchange] = [BOTH]
    for question in ("Why?", "How much does it cost?", "Really?", "And in Finland?", "Tell me more"):
        told.append(Exchange(standalone(question, told), "EUR 20 [1]"))
    assert all("Nuppi thermostat" in exchange.question for exchange in told)
    assert told[-1].question.endswith("How much does it cost in Finland? Tell me more")
    assert len(told[-1].question.split()) <= BORROWED + 3


def test_the_callers_own_messages_are_read_as_a_conversation():
    said = [
        Message("system", "be kind"),
        Message("user", " How much does the Aura 9 cost? "),
        Message("assistant", "EUR 1,200 [1]"),
        Message("user", "And the Kallio 10?"),
        Message("assistant", "EUR 900 [1]"),
    ]
    told = exchanges(said)
    assert told == (
        Exchange("How much does the Aura 9 cost?", "EUR 1,200 [1]"),
        Exchange("How much does the Kallio 10 cost?", "EUR 900 [1]"),
    )
    assert standalone("How long is its warranty?", told) == "How long is the Kallio 10's warranty?"


def test_messages_that_are_no_exchange_are_passed_over():
    assert exchanges([]) == ()
    assert exchanges([Message("assistant", "Hello!"), Message("system", "x")]) == ()
    assert exchanges([Message("user", "a b"), Message("user", "c d")]) == (Exchange("a b"), Exchange("c d"))


WORDS = [
    "is",
    "it",
    "they",
    "the",
    "a",
    "Aura",
    "9",
    "and",
    "in",
    "for",
    "what",
    "about",
    "leave",
    "staff",
    "?",
    ".",
]
words = st.lists(st.sampled_from(WORDS), max_size=90).map(" ".join)


@given(words, words, words)
def test_little_is_borrowed_and_never_what_was_asked_lost(question: str, before: str, answer: str):
    rewritten = standalone(question, [Exchange(before, answer)])
    assert len(rewritten.split()) <= BORROWED + len(question.split())
    if not question.strip():
        assert rewritten == question


@given(st.text(max_size=300), st.text(max_size=300), st.text(max_size=300))
def test_any_conversation_can_be_read(question: str, before: str, answer: str):
    said = [Message("user", before), Message("assistant", answer), Message("user", question)]
    first, second = exchanges(said)
    assert (first.question, first.answer) == (before.strip(), answer.strip())
    assert second.question == standalone(question.strip(), [first])
    assert leans(question) or standalone(question, [first]) == question
