import asyncio

from service.answer import Sampling
from service.canary import Canary, CanaryGenerator
from service.prompts import messages
from service.scripted import ScriptedGenerator


def test_each_process_has_a_token_of_its_own():
    assert Canary().token != Canary().token
    assert len(Canary().token) == 16


def test_the_mark_stands_behind_the_instructions_and_nowhere_else():
    plain, canary = messages("Why?", []), Canary("abc123")
    first, second = canary.marked(plain)
    assert first["content"].startswith(plain[0]["content"])
    assert "abc123" in first["content"]
    assert second == plain[1]


def test_marked_prompts_are_counted_as_they_are_sent():
    def count(asked):
        return sum(len(message["content"]) for message in asked)

    plain, canary = messages("Why?", []), Canary()
    assert canary.counted(count)(plain) == count(canary.marked(plain)) > count(plain)


def test_the_generator_behind_it_is_asked_with_the_mark():
    seen = []

    class Spy(ScriptedGenerator):
        def stream(self, model, messages, sampling):
            seen.extend(messages)
            return super().stream(model, messages, sampling)

    generator = CanaryGenerator(Spy({}, "28 days"), Canary("abc123"))

    async def said():
        return "".join([piece.text async for piece in generator.stream("m", messages("?", []), Sampling())])

    assert asyncio.run(said()) == "28 days"
    assert "abc123" in seen[0]["content"]
    assert generator.ready()
    assert generator.keeps_forms
