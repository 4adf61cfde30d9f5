"""Things that a question names: found where they are clear, left out where they are not."""

import pytest

from service.mentions import names, only, plurals, thing


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("How much does the Aura 9 cost?", ["the Aura 9"]),
        ("How do I reset the Silta gateway?", ["the Silta gateway"]),
        ("Does the Silta gateway work?", ["the Silta gateway"]),
        ("Does the Silta gateway support radiators?", ["the Silta"]),  # the verb might be any of them
        ("What does the Nuppi starter kit cost?", ["the Nuppi starter kit"]),
        ("What does error code E14 mean?", ["E14"]),
        ("E14 means what?", ["E14"]),
        ("Does Vulnerability Advisor scan images?", ["Vulnerability Advisor"]),
        ("Compare Nuppi and Kallio", ["Nuppi", "Kallio"]),
        ("Explain backups", []),  # the first word of a sentence is written large anyway
        ("How many days are left in 2026?", []),
        ("how do i reset it?", []),
        ("WHAT IS THE NOTICE PERIOD", []),
        ("", []),
    ],
)
def test_names_and_codes_are_found_with_their_article(text: str, found: list[str]):
    mentions = names(text)
    assert [mention.text for mention in mentions] == found
    assert [text[mention.start : mention.end] for mention in mentions] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Do contractors get sick pay?", ["contractors"]),
        ("How many days of paid leave do employees get?", ["employees"]),
        ("How many unused days can be carried over?", []),
        ("How often are backups tested?", ["backups"]),
        ("What are the rules for managers and interns?", ["rules", "managers", "interns"]),
        ("Which product shows error E14?", []),
        ("Who pays the fee?", []),
        ("Who approves expenses?", ["expenses"]),
        ("What is our business process?", []),
        ("", []),
    ],
)
def test_plural_nouns_are_found_and_verbs_are_not(text: str, found: list[str]):
    assert [mention.text for mention in plurals(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is the notice period for managers?", "the notice period for managers"),
        ("How long is our summer party?", "our summer party"),
        ("What is the price of the Aura 9?", "the Aura 9"),
        ("what's the deadline", "the deadline"),
        ("What is the deadline if a claim was sent late?", None),
        ("What is the way in which people who have just joined us come by a laptop?", None),
        ("Who is the head of legal?", None),
        ("How do I reset the gateway?", None),
        ("", None),
    ],
)
def test_what_a_question_is_about(text: str, found: str | None):
    assert thing(text) == found


def test_of_two_things_none_is_the_one():
    assert only(names("Compare Nuppi and Kallio")) is None
    assert only(names("Is the Nuppi better than another Nuppi was?"))
    assert only([]) is None
