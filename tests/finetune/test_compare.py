import pytest

from eval.adapter import Reply
from eval.questions import Row, Text
from finetune.promotion.compare import compare
from finetune.promotion.examination import Questions
from finetune.promotion.overlap import overlap
from tests.finetune.registries import RULES, Scripted, questions, stages

SHOWN = (Text("", "9 kg"), Text("", "blue"))


def test_the_figures_are_paired_and_the_questions_that_changed_are_told_the_worst_first(tmp_path):
    examiner = stages(tmp_path, Scripted({"second": 0.9})).examiner
    done = compare("first", "second", questions(), examiner, RULES)
    assert done.evidence.plain()["live"] == "first"
    assert [(each.id, each.way) for each in done.changed] == [(f"a{n}", "worse") for n in range(36, 40)]
    (one, *_) = done.changed
    assert (one.before, one.after, one.wanted) == ("9 kg [1]", "The moon [2]", ("9 kg",))
    back = compare("second", "first", questions(), examiner, RULES)
    assert {each.way for each in back.changed} == {"better"}


@pytest.mark.parametrize(
    ("gold", "before", "after", "way"),
    [
        (1, "9 kg [1]", "It is 9 kg [1]", "worse"),
        (1, "9 kg [2]", "9 kg [1]", "better"),
        (1, "I don't know", "9 kg [1]", "better"),
        (1, "blue [2]", "red [2]", "other"),
        (0, "I don't know", "9 kg [1]", "worse"),
        (0, "blue [1]", "9 kg [1]", "other"),
    ],
)
def test_a_change_is_better_worse_or_neither(tmp_path, gold, before, after, way):
    row = Row("a39", "?", ("9 kg",) if gold else (), SHOWN, gold, "answerable" if gold else "adversarial")
    said = {"first": before, "second": after}
    asked = Questions("x", (*questions().rows[:39], row))

    def ask(adapter, asked):
        return Reply(asked, said[adapter] if asked is row else "9 kg [1]")

    done = compare("first", "second", asked, stages(tmp_path, ask).examiner, RULES)
    assert [each.way for each in done.changed] == [way]


@pytest.mark.parametrize(
    ("dataset", "said"),
    [
        ({"sources": [{"name": "dev.json", "sha256": "abc"}]}, "was trained on set.json"),
        ({"sources": [{"sha256": "abc"}], "held_out": [{"sha256": "abc"}]}, "was trained on set.json"),
        ({"sources": [{"sha256": "other"}]}, "does not say that set.json was held out"),
        ({}, "does not say"),
        ({"held_out": [{"sha256": "abc"}]}, None),
    ],
)
def test_questions_that_were_trained_on_are_noted(dataset, said):
    asked = Questions("set.json", questions().rows, "abc")
    told = overlap({"dataset": dataset}, asked)
    assert (said in told[0]) if said else told == ()
