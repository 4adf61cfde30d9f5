"""A question is the last user message; a text's fingerprint is that of its words."""

import pytest

from service.answer import Ask, Message, fingerprint

USER, SYSTEM, ASSISTANT = Message("user", " Why? \n"), Message("system", "x"), Message("assistant", "x")


@pytest.mark.parametrize(
    ("messages", "question"),
    [
        ((USER,), "Why?"),
        ((Message("user", "How?"), ASSISTANT, USER), "Why?"),
        ((USER, SYSTEM), "Why?"),
        ((SYSTEM, ASSISTANT), ""),
        ((USER, Message("user", "  ")), ""),
        ((), ""),
    ],
)
def test_the_question_is_the_last_user_message(messages, question):
    assert Ask(messages).question == question


def test_spacing_makes_no_difference_to_a_fingerprint_and_words_do():
    assert fingerprint("27 days\n\nof leave ") == fingerprint("27 days of leave")
    assert fingerprint("27 days") != fingerprint("27 Days") != fingerprint("2 7 Days")
    assert len(fingerprint("\ud800")) == 64


@pytest.mark.parametrize("name", [None, "c-1"])
def test_all_requests_of_a_conversation_belong_to_one_thread(name):
    first = (Message("system", "be kind"), Message("user", "How many days?"))
    then = (*first, Message("assistant", "27"), Message("user", "And in Finland?"))
    threads = {Ask(said, conversation_id=name).thread for said in (first, then)}
    assert threads == {name or "How many days?"}
