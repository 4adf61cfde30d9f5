"""The embedded engine's models: loaded beside the answers under way, kept while they are needed."""

import asyncio
import threading
from contextlib import aclosing
from types import SimpleNamespace

import pytest
import torch

from service.answer import Sampling
from service.embedded import KEPT, EmbeddedEngine
from service.errors import ModelUnavailable

MESSAGES = [{"role": "user", "content": "Who are you?"}]


def speller(name: str) -> SimpleNamespace:
    """A model that spells its name, a letter a token, and then ends (0)."""
    letters = [ord(letter) for letter in name]

    def forward(input_ids, past_key_values, use_cache, logits_to_keep):
        said = getattr(past_key_values, "said", 0)
        past_key_values.said = said + 1
        scores = torch.zeros(1, 1, 128)
        scores[0, 0, letters[said] if said < len(letters) else 0] = 1.0
        return SimpleNamespace(logits=scores)

    forward.device = "cpu"
    forward.config = SimpleNamespace(max_position_embeddings=1_000)
    decode = lambda tokens, skip_special_tokens: "".join(map(chr, tokens))  # noqa: E731, ARG005  # as the tokenizer's
    return SimpleNamespace(
        model=forward,
        tokenizer=SimpleNamespace(eos_token_id=0, decode=decode),
        prompt=lambda _: [1, 2, 3],
        first_token=lambda word: ord(word[0]),
    )


class Library:
    """Loads spellers, when it is let."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def load(self, name: str) -> SimpleNamespace:
        assert self.gate.wait(600)
        if name == "broken":
            raise ModelUnavailable(name, "there is no such file")
        self.loaded.append(name)
        return speller(name)


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def engine(library):
    engine = EmbeddedEngine(library.load)
    yield engine
    library.gate.set()
    engine.close()


async def reading(engine, model: str) -> str:
    async with aclosing(engine.stream(model, MESSAGES, Sampling())) as stream:
        return "".join([piece.text async for piece in stream])


def ask(engine, model: str) -> str:
    return asyncio.run(reading(engine, model))


def test_models_are_loaded_on_demand_and_once(engine, library):
    assert [ask(engine, name) for name in ("qa-1", "qa-2", "qa-1")] == ["qa-1", "qa-2", "qa-1"]
    assert engine.ready()
    assert library.loaded[:2] == ["qa-1", "qa-2"]


def test_what_is_held_stays_and_of_the_rest_the_last_used(engine, library):
    engine.tend({"qa-1"})
    engine.want("qa-1").result(600)
    others = [f"other-{number}" for number in range(KEPT + 1)]
    for name in [*others, *others[1:], "qa-1"]:
        ask(engine, name)
    assert library.loaded == ["qa-1", *others]
    ask(engine, others[0])
    assert library.loaded == ["qa-1", *others, others[0]]


def test_an_answer_is_not_held_up_while_another_model_loads(engine, library):
    assert ask(engine, "qa-1") == "qa-1"
    library.gate.clear()

    async def both() -> str:
        waiting = asyncio.create_task(reading(engine, "qa-2"))
        answer = await reading(engine, "qa-1")
        assert not waiting.done()
        library.gate.set()
        return f"{answer} {await waiting}"

    assert asyncio.run(both()) == "qa-1 qa-2"


def test_an_answer_ends_with_the_model_that_it_began_with(engine):
    async def through_a_promotion() -> str:
        async with aclosing(engine.stream("a-long-name", MESSAGES, Sampling())) as stream:
            begun = (await anext(stream)).text
            for name in ("qa-2", "qa-3", "qa-4"):
                engine.tend({name})
                await asyncio.to_thread(engine.want(name).result, 600)
            return begun + "".join([piece.text async for piece in stream])

    assert asyncio.run(through_a_promotion()) == "a-long-name"


def test_a_model_that_cannot_be_loaded_fails_only_those_who_ask_for_it(engine):
    assert ask(engine, "qa-1") == "qa-1"
    with pytest.raises(ModelUnavailable, match="no such file"):
        ask(engine, "broken")
    assert ask(engine, "qa-1") == "qa-1"
