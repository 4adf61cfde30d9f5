"""Sentences beside the questions that the templates make of them; and sentences that give none."""

import pytest

from eval.corpus import Source
from eval.generator.cells import cells
from eval.generator.facts import facts
from eval.generator.layout import sentences, tables
from eval.generator.words import base, names_in

QUESTIONS = [
    ("The budget of project Meri is EUR 640,000.", "How much is the budget of project Meri?", "EUR 640,000"),
    (
        "A hotel in Oslo may cost at most EUR 210 a night.",
        "How much may a hotel in Oslo cost a night?",
        "EUR 210",
    ),
    ("The Plus plan costs EUR 2.90 a month.", "How much does the Plus plan cost a month?", "EUR 2.90"),
    ("Kallio 10 weighs 174 kilograms.", "How many kilograms does Kallio 10 weigh?", "174 kilograms"),
    (
        "The Turku office has 64 spaces, and 12 of them are warm.",
        "How many spaces does the Turku office have?",
        "64",
    ),
    ("A Silta gateway can serve up to 32 houses.", "How many houses can a Silta gateway serve?", "32 houses"),
    ("Priya Raman is the security officer.", "Who is the security officer?", "Priya Raman"),
    ("Kallio 2 means bedrock in Finnish.", "What does Kallio 2 mean?", "bedrock"),
    ("DHW stands for hot water.", "What does DHW stand for?", "hot water"),
    ("Norvik Oy was founded in 1987 and makes pumps.", "When was Norvik Oy founded?", "1987"),
    ("The store in Kiel opens on 1 September 2026.", "When does the store in Kiel open?", "1 September 2026"),
    ("The Kiel hoist is inspected once a year.", "How often is the Kiel hoist inspected?", "once a year"),
    ("The Kiel token is valid for 60 minutes.", "For how long is the Kiel token valid?", "60 minutes"),
    ("The Kiel forms are kept in the Lomake portal.", "Where are the Kiel forms kept?", "the Lomake portal"),
    ("The speed limit in Kiel is eight kilometres.", "What is the speed limit in Kiel?", "eight kilometres"),
    (
        "The probation period is four months.",
        'According to "Title", what is the probation period?',
        "four months",
    ),
]
NONE = [
    "It weighs 174 kilograms.",
    "If Kallio 10 weighs 174 kilograms, it is carried.",
    "Whoever is ill tells the lead.",
    "The rent in Kiel is 11 percent lower than before.",
    "Customer data is stored in Finland and Sweden only.",
    "Write to ada@example.com, who is the officer.",
    "The man who leads Kiel weighs 80 kilograms.",
]


def source(text):
    return Source("file:///a.md", "Title", text)


def found(text):
    return list(facts(source(text), names_in([text])))


@pytest.mark.parametrize(("sentence", "question", "answer"), QUESTIONS)
def test_a_sentence_becomes_a_question(sentence, question, answer):
    [fact] = found(sentence)
    assert fact.question == question
    assert answer in fact.answers


@pytest.mark.parametrize("sentence", NONE)
def test_a_sentence_that_would_make_a_bad_question_makes_none(sentence):
    assert found(sentence) == []


def test_a_sentence_knows_its_place_over_line_breaks_and_its_heading():
    text = (
        "From: Ada\nTo: Bob\n\nTerms\n\nMr. Aalto, no. 7, lifts\n  two tons. He is strong.\n\n"
        "- First point.\n- Second\n  point."
    )
    got = list(sentences(source(text)))
    assert [one.text for one in got] == [
        "Mr. Aalto, no. 7, lifts two tons",
        "He is strong",
        "First point",
        "Second point",
    ]
    assert {one.heading for one in got} == {"Terms"}
    assert text[got[0].start : got[0].end] == "Mr. Aalto, no. 7, lifts\n  two tons."
    assert text[got[3].start : got[3].end] == "Second\n  point."


def test_tables_of_csv_and_of_markdown_are_read_row_by_row():
    text = (
        "Team: Legal; Lead: Ada Berg; Task: contracts; and privacy\n"
        "Team: Cloud; Lead: Bo Dahl; Task: servers\n\n"
        "Running text: with a colon.\n\n"
        "Reason: Wedding | Paid leave: two days\n"
        "Reason: Moving | Paid leave: one day"
    )
    first, second = tables(source(text))
    assert first[0].cells == {"Team": "Legal", "Lead": "Ada Berg", "Task": "contracts; and privacy"}
    assert text[first[1].start : first[1].end] == "Team: Cloud; Lead: Bo Dahl; Task: servers"
    assert [cell.question for cell in cells(source(text))] == [
        "What is the lead of the team Legal?",
        "What is the lead of the team Cloud?",
        "What is the task of the team Legal?",
        "What is the task of the team Cloud?",
        "What is the paid leave of the reason Wedding?",
        "What is the paid leave of the reason Moving?",
    ]
    assert second[0].cells["Paid leave"] == "two days"


@pytest.mark.parametrize(
    "table",
    [
        "Code: A-1; Price: 5\nCode: A-2; Price: 6",  # codes name nothing
        "Part: Motor; Fits: Aura\nPart: Valve; Fits: Kallio",  # "the fits of" is no English
        "Part: Motor; Sold: yes\nPart: Valve; Sold: no",
        "Name: Ada; Mail: a@example.com\nName: Bo; Mail: b@example.com",  # personal
        "Part: Motor; Price: 5\n\nOther: Valve; Price: 6",  # single rows are no tables
    ],
)
def test_columns_that_make_bad_questions_are_left_out(table):
    assert list(cells(source(table))) == []


@pytest.mark.parametrize(
    ("verb", "bare"),
    [("weighs", "weigh"), ("has", "have"), ("carries", "carry"), ("reaches", "reach"), ("uses", "use")],
)
def test_verbs_are_brought_to_their_base(verb, bare):
    assert base(verb) == bare
