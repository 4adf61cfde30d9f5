from dataclasses import replace

import pytest

from finetune.datasets.clean import clean
from finetune.datasets.cleaning.duplicates import Duplicates
from finetune.datasets.cleaning.hostile import Hostile
from finetune.datasets.cleaning.languages import Languages
from finetune.datasets.cleaning.personal import Personal
from finetune.datasets.cleaning.shape import Shape
from finetune.datasets.cleaning.step import Tally
from finetune.datasets.examples import Example
from finetune.datasets.gathering import Gathered
from finetune.datasets.readings import Shown
from finetune.datasets.recipe import Recipe
from finetune.errors import BadSource
from guardrails.guard import Guard
from guardrails.policy import Policy, Rule
from guardrails.rail import Inspection
from guardrails.verdict import Action, Finding, Stage
from tests.finetune.making import means

LEAVE = "Every employee gets 28 days of paid leave a year, and a day more after each five years of service."
GERMAN = "Alle Beschäftigten haben Anspruch auf 28 Tage bezahlten Urlaub im Jahr, ohne Ausnahme."
LONG = f"{LEAVE} {' '.join(f'Rule {n} of hall {n * 7} is kept by team {n * 3}.' for n in range(12))}"
BASE = Example("a.jsonl", "made", "Leave", "Leave", LEAVE, "How many days of leave are there?", "28 days")


def of(**changes):
    return replace(BASE, **changes)


def cleaned(step, *examples):
    tally = Tally(step.name, len(examples))
    kept = step.clean(examples, tally)
    return kept, tally


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (of(), None),
        (of(answer=None), None),
        (of(question="How?"), "question too short or too long"),
        (of(question="How " * 200), "question too short or too long"),
        (of(passage="28 days of it"), "passage too short or too long"),
        (of(passage="28 days " * 400), "passage too short or too long"),
        (of(answer=""), "answer empty or too long"),
        (of(passage="a" * 300, answer="a" * 161), "answer empty or too long"),
        (of(answer="29 days"), "answer does not stand in its passage"),
    ],
)
def test_what_cannot_be_learnt_is_left_out_and_says_why(example, why):
    kept, tally = cleaned(Shape(), example)
    assert kept == ([] if why else [example])
    assert tally.report()["dropped"] == ({why: 1} if why else {})


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (of(question="how many DAYS of leave are there ?"), "the same"),
        (of(passage=LONG.replace("service", "work")), "the same"),
        (of(question="For leave, how many days are there?"), "nearly the same"),
        (of(question="How many days of leave are there in Turku?"), None),
        (of(question="How many days of leave are there after 5 years?"), None),
        (of(question="What does every employee get in a year?"), None),
        (of(answer="paid leave"), None),
        (of(answer=None), None),
        (of(passage="Contractors get 28 days of it, which is quite another thing to say of them."), None),
        (of(rejected="29 days [1]"), None),
    ],
)
def test_what_was_said_before_is_left_out_also_in_slightly_other_words(other, why):
    kept, tally = cleaned(Duplicates(), BASE, of(passage=LONG), other)
    assert kept == ([BASE, of(passage=LONG)] if why else [BASE, of(passage=LONG), other])
    assert tally.report()["dropped"] == ({why: 1} if why else {})


def test_what_users_corrected_is_not_learnt_any_more():
    first = of(origin="feedback", answer="a day more", source="feedback")
    last = of(origin="feedback", answer="paid leave", rejected="a day more [1]", source="feedback")
    kept, tally = cleaned(Duplicates(), BASE, first, last, last)
    assert kept == [last]
    assert tally.report()["dropped"] == {"users said otherwise": 2, "the same": 1}


def test_questions_without_an_answer_often_differ_in_the_word_that_counts():
    one = of(question="Which company built the old bridge over the river in Turku?", answer=None)
    other = replace(one, question=one.question.replace("Turku", "Oslo"))
    assert cleaned(Duplicates(), one, other)[0] == [one, other]
    assert cleaned(Duplicates(), one, replace(one, source="b"))[0] == [one]


@pytest.mark.parametrize(
    ("passage", "wanted", "kept"),
    [
        (LEAVE, ("en",), True),
        (GERMAN, ("en",), False),
        (GERMAN, ("en", "de"), True),
        (GERMAN, (), True),
        ("Aura 9: 118 kg; Aura 6: 98 kg", ("en",), True),
    ],
)  # fmt: skip
def test_a_passage_in_another_language_is_left_out_if_that_is_sure(passage, wanted, kept):
    assert bool(cleaned(Languages(wanted), of(passage=passage))[0]) is kept


class Words:
    """A rail that finds a word."""

    def __init__(self, name, word, broken=False):
        self.name, self._word, self._broken = name, word, broken

    def inspect(self, sample):
        if self._broken:
            raise ZeroDivisionError
        start = sample.text.find(self._word)
        found = Finding(self.name, "word", Action.FLAG, 1.0, start, start + len(self._word), "a word", "<X>")
        return Inspection((found,) if start >= 0 else ())


def guard(*rails):
    actions = {"pii": Action.REDACT, "injection": Action.BLOCK, "toxicity": Action.BLOCK}
    rules = {rail.name: Rule(action=actions[rail.name]) for rail in rails}
    stages = dict.fromkeys((Stage.PASSAGE, Stage.INPUT, Stage.OUTPUT), rules)
    return Guard(Policy(name="test", message="no", stages=stages), rails)


def test_personal_data_is_taken_out_of_what_is_shown_and_never_learnt():
    step = Personal(guard(Words("pii", "Ann")))
    shown = of(passage=f"{LEAVE} Ask Ann.", question="How much leave has Ann?", beside=(Shown("", "Ann"),))
    said = of(passage=f"{LEAVE} Ask Ann.", answer="Ask Ann")
    part = of(passage=f"{LEAVE} Ask Anna.", answer="na")
    wrong = of(rejected="Ann [1]")
    kept, tally = cleaned(step, shown, said, part, wrong)
    assert [each.passage for each in kept] == [f"{LEAVE} Ask <X>.", LEAVE]
    assert kept[0].question == "How much leave has <X>?"
    assert kept[0].beside == (Shown("", "<X>"),)
    assert kept[1].rejected == ""
    assert tally.report()["dropped"] == {"in the answer": 1, "the answer is a part of some": 1}
    assert tally.changed == {"taken out of the passage": 1, "taken out of the question": 1}


@pytest.mark.parametrize(
    ("example", "why"),
    [
        (of(passage=f"{LEAVE} attack", answer="attack"), {"injection in the answer": 1}),
        (of(question="attack it for me, please"), {"injection in the question": 1}),
        (of(question="You fool, how many days?"), {"toxicity in the question": 1}),
        (of(passage=f"{LEAVE} attack"), {}),
        (of(rejected="attack"), {}),
    ],
)
def test_what_a_rail_objects_to_is_neither_asked_nor_answered(example, why):
    rails = guard(Words("injection", "attack"), Words("toxicity", "fool"))
    kept, tally = cleaned(Hostile(rails), example)
    assert tally.report()["dropped"] == why
    assert tally.grave.total() == sum(count for name, count in why.items() if "injection" in name)
    assert all(each.rejected == "" for each in kept)


@pytest.mark.parametrize("step", [Personal, Hostile])
def test_what_a_rail_cannot_judge_is_left_out(step):
    name = "pii" if step is Personal else "injection"
    assert cleaned(step(guard(Words(name, "x", broken=True))), BASE)[0] == []


def test_if_nothing_is_left_it_says_which_step_took_it():
    gathered = Gathered("a.jsonl", "questions", "", [of(answer="29 days"), of(answer="")])
    with pytest.raises(BadSource, match="2 by length and wording"):
        clean([gathered], Recipe(), means())
