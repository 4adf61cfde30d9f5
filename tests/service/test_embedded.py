"""The embedded engine's models: loaded beside the answers under way, kept while they are needed."""

import asyncio
import threading
from contextlib import aclosing
from itertools import count
from types import SimpleNamespace

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from service.answer import Sampling
from service.embedded import KEPT, EmbeddedEngine
from service.errors import ModelUnavailable

MESSAGES = [{"role": "user", "content": "Who are you?"}]
PROMPTS = count()


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
        prompt=lambda _: [next(PROMPTS), 2, 3],  # no two begin alike
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


@pytest.fixture(scope="module")
def tiny():
    """A real Llama, small and untrained, that notes how many tokens it is given at once."""
    torch.manual_seed(3)
    sizes = {"hidden_size": 48, "intermediate_size": 96, "num_attention_heads": 6, "num_key_value_heads": 2}
    config = LlamaConfig(vocab_size=90, num_hidden_layers=3, max_position_embeddings=500, **sizes)
    model, read = LlamaForCausalLM(config).eval(), []
    model.register_forward_pre_hook(
        lambda *told: read.append(told[2]["input_ids"].shape[1]), with_kwargs=True
    )
    tokenizer = SimpleNamespace(
        eos_token_id=-1, decode=lambda tokens, **_: "".join(f"{token} " for token in tokens)
    )
    base = SimpleNamespace(
        model=model, tokenizer=tokenizer, prompt=lambda asked: list(map(int, asked[0]["content"].split()))
    )
    return base, read


@pytest.mark.parametrize(
    ("before", "tenant", "after", "asks"),
    [
        ("1 2 3 4 5 6", "a", "1 2 3 9 8", 2),  # the beginning that both have
        ("1 2 3 4 5 6", "a", "1 2 3 4 5 6", 1),  # its last token is always read
        ("1 2 3 4 5 6", "a", "1 2 3", 1),
        ("1 2 3", "a", "1 2 3 4 5 6", 3),
        ("1 2 3 4 5 6", "a", "7 2 3", 3),
        ("1 2 3 4 5 6", "b", "1 2 3 9 8", 5),  # nothing of another tenant's
    ],
)
def test_what_two_prompts_begin_with_is_read_once_and_the_answer_stays(tiny, before, tenant, after, asks):
    base, read = tiny

    def ask_all(*asked: tuple[str, str]) -> str:
        async def run() -> str:
            for text, whose in asked:
                told = [{"role": "user", "content": text}]
                pieces = engine.stream("tiny", told, Sampling(max_tokens=8, tenant=whose))
                async with aclosing(pieces) as stream:
                    read.clear()
                    answer = "".join([piece.text async for piece in stream])
            return answer

        engine = EmbeddedEngine(lambda _: base)
        try:
            return asyncio.run(run())
        finally:
            engine.close()

    alone = ask_all((after, "a"))
    assert ask_all((before, tenant), (after, "a")) == alone
    assert read == [asks] + [1] * 7


def test_answers_written_beside_one_another_do_not_share_what_is_being_written(tiny):
    base, _ = tiny

    async def many(prompts: list[str]) -> list[str]:
        async def one(text: str) -> str:
            told = [{"role": "user", "content": text}]
            async with aclosing(engine.stream("tiny", told, Sampling(max_tokens=12))) as stream:
                return "".join([piece.text async for piece in stream])

        return list(await asyncio.gather(*map(one, prompts)))

    engine = EmbeddedEngine(lambda _: base)
    try:
        prompts = [f"1 2 3 4 {number} 6" for number in range(10, 16)]
        apart = [asyncio.run(many([prompt]))[0] for prompt in prompts]
        assert asyncio.run(many(prompts * 2)) == apart * 2
    finally:
        engine.close()
