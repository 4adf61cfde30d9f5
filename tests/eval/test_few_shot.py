import asyncio

from eval.few_shot import EXAMPLES, FewShot, worked
from service.answer import Sampling
from service.citations import numbers
from service.prompts import INSTRUCTIONS, REFUSAL, messages
from service.reading import joined
from service.scripted import ScriptedGenerator


class Recorder(ScriptedGenerator):
    """Keeps what it was asked."""

    def stream(self, model, messages, sampling):
        self.asked = list(messages)
        return super().stream(model, messages, sampling)


def test_worked_examples_stand_between_the_instructions_and_the_question():
    engine = Recorder({"Where?": "Turku [1]"})
    question = messages("Where?", EXAMPLES[0][1])
    assert asyncio.run(joined(FewShot(engine).stream("base", question, Sampling()))).text == "Turku [1]"
    assert engine.asked == [question[0], *worked(), question[1]]
    assert engine.asked[0]["content"] == INSTRUCTIONS
    assert [turn["role"] for turn in engine.asked[1:]] == ["user", "assistant"] * 3 + ["user"]


def test_each_example_is_answered_from_the_passage_that_it_cites_or_refused():
    refused = 0
    for question, passages, reply in EXAMPLES:
        assert question.endswith("?")
        if reply == REFUSAL:
            refused += 1
        else:
            (number,) = set(numbers(reply))
            assert reply.rpartition(" [")[0] in passages[number - 1].text
    assert refused == 1
