"""The client of one OpenAI-compatible endpoint, against a small one on this machine."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import aclosing

import pytest
from pydantic import SecretStr

from service.answer import Sampling, Usage
from service.endpoint import Endpoint, shown
from service.errors import BadRequest, ContextTooLong, EngineFailed, EngineLacksModel, EngineRefused
from tests.service.engines import GARBLED, KEY, FakeEngine

SECRET = "How many days does the secret document give?"
MESSAGES = [{"role": "system", "content": "Answer."}, {"role": "user", "content": SECRET}]


@pytest.fixture
def engine() -> Iterator[FakeEngine]:
    with FakeEngine().running() as running:
        yield running


def client(engine: FakeEngine) -> Endpoint:
    return Endpoint(engine.url, SecretStr(KEY))


def write(endpoint: Endpoint, model="grounded", **sampling):
    async def run():
        async with aclosing(endpoint.stream(model, MESSAGES, Sampling(**sampling))) as stream:
            return [piece async for piece in stream]

    return asyncio.run(run())


def test_text_usage_and_reason_come_through(engine):
    pieces = write(client(engine), max_tokens=2)
    assert "".join(piece.text for piece in pieces) == "28 days"
    assert (pieces[-1].finish, pieces[-1].usage) == ("length", Usage(8, 2))
    assert all(piece.finish is None and piece.text for piece in pieces[:-1])


def test_text_that_other_lines_would_break_at_comes_through_whole():
    text = "28\u2028days\x85of\x0bleave \U0001f33b"
    with FakeEngine(otherwise=text).running() as engine:
        assert "".join(piece.text for piece in write(client(engine))) == text


def test_the_endpoint_is_asked_for_the_model_with_the_callers_sampling_and_our_key(engine):
    write(client(engine), "qa-1", max_tokens=7, temperature=0.5, top_p=0.9, seed=3, stop=("END",))
    (asked,) = engine.asked
    assert asked == {
        "model": "qa-1",
        "messages": MESSAGES,
        "max_tokens": 7,
        "temperature": 0.5,
        "top_p": 0.9,
        "seed": 3,
        "stop": ["END"],
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    assert engine.keys == {f"Bearer {KEY}"}


def test_json_by_a_schema_is_asked_for_as_the_caller_wrote_it(engine):
    named = {"name": "leave", "schema": {"properties": {"b": {}, "a": {}}}, "strict": True}
    write(client(engine), form=json.dumps(named))
    (asked,) = engine.asked
    assert asked["response_format"] == {"type": "json_schema", "json_schema": named}
    assert list(asked["response_format"]["json_schema"]["schema"]["properties"]) == ["b", "a"]


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        (400, BadRequest),
        (422, BadRequest),
        (404, EngineLacksModel),
        (500, EngineFailed),
        ("overflow", ContextTooLong),
    ],
)
def test_a_schema_that_the_engine_cannot_write_by_is_the_callers_to_change(engine, mood, kind):
    engine.mood = mood
    with pytest.raises(kind) as caught:
        write(client(engine), form=json.dumps({"name": "x", "schema": {}}))
    assert type(caught.value) is kind
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("mood", "kind"),
    [
        (500, EngineFailed),
        (503, EngineFailed),
        (429, EngineFailed),
        (401, EngineFailed),
        (400, EngineRefused),
        (404, EngineLacksModel),
        ("overflow", ContextTooLong),
        ("cut", EngineFailed),
        ("unfinished", EngineFailed),
        *((mood, EngineFailed) for mood in GARBLED),
    ],
)
def test_what_goes_wrong_is_told_without_the_prompt_the_key_and_the_engines_address(engine, mood, kind):
    engine.mood = mood
    with pytest.raises(kind) as caught:
        write(client(engine))
    assert type(caught.value) is kind
    assert not any(secret in str(caught.value) for secret in (SECRET, KEY, engine.url, "127.0.0.1"))


def test_an_error_that_the_engine_tells_in_mid_stream_is_its_failure():
    with FakeEngine({SECRET: None}).running() as engine, pytest.raises(EngineFailed) as caught:
        write(client(engine))
    assert SECRET not in str(caught.value)


def test_an_absent_endpoint_is_an_engine_failure_with_a_remedy():
    with pytest.raises(EngineFailed, match="see that it runs"):
        write(Endpoint("http://127.0.0.1:9/v1"))


def test_closing_the_stream_closes_the_connection_at_once(engine):
    engine.mood = "endless"

    async def leave() -> bool:
        stream = client(engine).stream("m", MESSAGES, Sampling())
        async with aclosing(stream):
            assert (await anext(stream)).text == "28 "
        return await asyncio.to_thread(engine.left.wait, 30)

    assert asyncio.run(leave())


def test_a_caller_who_is_cancelled_while_waiting_closes_the_connection(engine):
    engine.mood = "silent"

    async def leave() -> bool:
        waiting = asyncio.create_task(anext(client(engine).stream("m", MESSAGES, Sampling())))
        assert await asyncio.to_thread(engine.arrived.wait, 30)
        waiting.cancel()
        return await asyncio.to_thread(engine.left.wait, 30)

    assert asyncio.run(leave())


@pytest.mark.parametrize(("mood", "kind"), [(503, EngineFailed), (401, EngineFailed), (404, EngineRefused)])
def test_a_check_that_fails_says_why(engine, mood, kind):
    engine.mood = mood
    with pytest.raises(kind):
        client(engine).check()


def test_an_endpoint_that_is_well_passes_its_check(engine):
    client(engine).check()


def test_a_check_of_an_engine_that_hangs_ends(engine):
    engine.mood = "silent"
    with pytest.raises(EngineFailed, match="APITimeoutError"):
        client(engine).check()


def test_a_dialect_words_the_request(engine):
    class Dialect:
        def messages(self, messages):
            return [{**message, "content": message["content"].upper()} for message in messages]

        def fields(self, sampling):
            return {"cache_salt": f"{sampling.tenant}'s"}

    write(Endpoint(engine.url, SecretStr(KEY), Dialect()), "qa-1", tenant="acme")
    (asked,) = engine.asked
    assert asked["cache_salt"] == "acme's"
    assert asked["messages"][1]["content"] == SECRET.upper()


def test_an_adapter_is_loaded_once_under_its_name(engine):
    engine.models = {"base"}
    client(engine).load("qa-1", "/adapters/qa-1")
    client(engine).load("qa-1", "/adapters/qa-1")
    assert engine.loaded == [{"lora_name": "qa-1", "lora_path": "/adapters/qa-1"}]


def test_an_adapter_that_cannot_be_loaded_is_an_error_with_the_remedy(engine):
    engine.models = {"base"}
    with pytest.raises(EngineRefused, match=r"--enable-lora.*engine_adapters"):
        client(engine).load("qa-1", "/gone/qa-1")


@pytest.mark.parametrize("weighs", [True, False])
def test_an_engine_is_asked_whether_it_weighs_first_tokens(engine, weighs):
    engine.weighs = weighs
    assert client(engine).weighs("base") is weighs


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://127.0.0.1:8100/v1", "http://127.0.0.1:8100/v1"),
        ("https://me:pass@engine.local/v1?key=abc#x", "https://engine.local/v1"),
        ("http://[::1]:8100/v1", "http://[::1]:8100/v1"),
    ],
)
def test_a_name_holds_no_secrets(url, name):
    assert shown(url) == name
    assert Endpoint(url).name == name


def test_an_engine_on_this_machine_is_reached_without_a_proxy(engine, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    client(engine).check()
    assert write(client(engine))
