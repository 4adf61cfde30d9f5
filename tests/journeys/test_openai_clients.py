"""Clients of others, unchanged, against a whole server: OpenAI's for Python and JavaScript, LangChain's.

The server is real but for its generator, which is scripted.
"""

import asyncio
import json
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import openai
import pytest
from langchain_openai import ChatOpenAI
from pydantic import BaseModel

from service.settings import ServiceSettings
from tests.service.scripted_house import ATTACK, BREAKS, FILES, LEAVE, UNKNOWN, scripted_house

SCRIPT = Path(__file__).parents[1] / "clients" / "openai.cjs"
ANSWER = "Staff get 27 days of paid leave [1]."
TOOL = {"type": "function", "function": {"name": "f"}}
QUOTE = FILES["leave.md"].strip()


class Leave(BaseModel):
    """What is asked for as JSON."""

    days: int


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@pytest.fixture(scope="module")
def key(house):
    return house.key("chat")


@pytest.fixture
def client(house, key):
    with openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0) as made:
        yield made


@contextmanager
def stranger(house, key):
    with openai.OpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0) as made:
        yield made


def asked(content=LEAVE, **more):
    return {"model": "default", "messages": [{"role": "user", "content": content}], **more}


def test_a_completion_has_text_usage_and_a_citation(client):
    whole = client.chat.completions.create(**asked(seed=1, temperature=0, max_tokens=50, n=1, user="u"))
    assert whole.choices[0].message.content == ANSWER
    assert whole.choices[0].finish_reason == "stop"
    assert whole.usage.total_tokens == whole.usage.prompt_tokens + whole.usage.completion_tokens > 10
    assert whole.model == "qa-1"
    assert whole.citations[0]["quote"] == QUOTE


def test_a_stream_ends_with_the_usage_where_openai_puts_it(client):
    chunks = list(
        client.chat.completions.create(**asked(stream=True, stream_options={"include_usage": True}))
    )
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == ANSWER
    assert (chunks[-1].choices, chunks[-1].citations[0]["quote"]) == ([], QUOTE)
    assert chunks[-1].usage.completion_tokens > 3
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert not any(chunk.usage for chunk in chunks[:-1])


def test_a_stream_without_usage_ends_with_the_reason(client):
    *_, last = client.chat.completions.create(**asked(stream=True))
    assert (last.choices[0].finish_reason, last.usage) == ("stop", None)
    assert last.citations


def test_the_streaming_helper_puts_the_answer_together(client):
    with client.chat.completions.stream(**asked()) as stream:
        kinds = {event.type for event in stream}
        final = stream.get_final_completion()
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content == ANSWER


def test_max_tokens_and_stop_cut_the_answer_and_say_so(client):
    short = client.chat.completions.create(**asked(max_completion_tokens=2))
    assert short.choices[0].finish_reason == "length"
    stopped = client.chat.completions.create(**asked(stop=[" of"]))
    assert stopped.choices[0].message.content == "Staff get 27 days"
    assert stopped.choices[0].finish_reason == "stop"


def test_a_blocked_question_is_a_completion(client):
    whole = client.chat.completions.create(**asked(ATTACK))
    assert whole.choices[0].finish_reason == "content_filter"
    assert whole.choices[0].message.content == "That was not answered."


def test_json_is_parsed_into_the_callers_model_and_cited(client):
    whole = client.chat.completions.parse(**asked(response_format=Leave))
    assert whole.choices[0].message.parsed == Leave(days=27)
    assert whole.citations[0]["quote"] == QUOTE


def test_where_json_was_asked_for_a_refusal_is_no_json(client):
    message = client.chat.completions.parse(**asked(UNKNOWN, response_format=Leave)).choices[0].message
    assert (message.parsed, message.content) == (None, None)
    assert message.refusal.startswith("I don't know")


def test_an_engine_that_cannot_write_json_says_which_can(house, client, monkeypatch):
    monkeypatch.setattr(house.generator, "keeps_forms", False)
    with pytest.raises(openai.BadRequestError, match="vLLM") as caught:
        client.chat.completions.parse(**asked(response_format=Leave))
    assert caught.value.param == "response_format"


def test_responses_are_made_streamed_and_parsed(client):
    whole = client.responses.create(model="default", input=LEAVE)
    assert (whole.output_text, whole.status) == (ANSWER, "completed")
    assert whole.citations[0]["quote"] == QUOTE
    events = list(client.responses.create(model="default", input=LEAVE, stream=True))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == ANSWER
    assert events[-1].response.usage.total_tokens == whole.usage.total_tokens
    with client.responses.stream(model="default", input=LEAVE) as stream:
        stream.until_done()
        assert stream.get_final_response().output_text == ANSWER
    parsed = client.responses.parse(model="default", input=LEAVE, text_format=Leave)
    assert parsed.output_parsed == Leave(days=27)


def test_models_are_listed_and_read(client):
    assert [model.id for model in client.models.list()] == ["default", "qa-1", "org/base"]
    assert client.models.retrieve("org/base").id == "org/base"


@pytest.mark.parametrize(
    ("more", "kind", "code"),
    [
        ({"model": "none"}, openai.NotFoundError, "model_not_found"),
        ({"n": 2}, openai.BadRequestError, "unsupported_parameter"),
        ({"tools": [TOOL]}, openai.BadRequestError, "unsupported_parameter"),
        ({"extra_body": {"odd": 1}}, openai.BadRequestError, "unknown_parameter"),
        ({"temperature": 3}, openai.BadRequestError, "invalid_parameter"),
        ({"messages": []}, openai.BadRequestError, "invalid_parameter"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_wrong_with_a_request_is_an_exception_of_its_class(client, more, kind, code, stream):
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**asked() | more | {"stream": stream})
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert caught.value.type == "invalid_request_error"


def test_whom_the_server_does_not_let_in_is_told_why(house):
    with stranger(house, "pk-wrong") as unknown, pytest.raises(openai.AuthenticationError) as caught:
        unknown.models.list()
    assert caught.value.code == "invalid_api_key"
    with stranger(house, house.key("ingest")) as other, pytest.raises(openai.PermissionDeniedError) as caught:
        other.chat.completions.create(**asked())
    assert caught.value.code == "insufficient_scope"


def test_an_engine_that_breaks_down_is_a_server_error(client):
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError) as caught:
            client.chat.completions.create(**asked(BREAKS, stream=stream))
        assert (caught.value.status_code, caught.value.code) == (503, "engine_unavailable")


def test_one_request_too_many_is_a_rate_limit_error(tmp_path):
    with scripted_house(tmp_path, requests_per_minute=1) as strict, stranger(strict, strict.key()) as caller:
        caller.models.list()
        with pytest.raises(openai.RateLimitError) as caught:
            caller.models.list()
    assert int(caught.value.response.headers["retry-after"]) > 0


def test_the_asynchronous_client_gets_the_same(house, key):
    async def run():
        async with openai.AsyncOpenAI(base_url=f"{house.url}/v1", api_key=key, max_retries=0) as client:
            whole = await client.chat.completions.create(**asked())
            stream = await client.chat.completions.create(**asked(stream=True))
            chunks = [chunk async for chunk in stream]
            events = await client.responses.create(model="default", input=LEAVE, stream=True)
            kinds = [event.type async for event in events]
            with pytest.raises(openai.NotFoundError):
                await client.chat.completions.create(**asked() | {"model": "none"})
        return whole, chunks, kinds

    whole, chunks, kinds = asyncio.run(run())
    assert whole.choices[0].message.content == ANSWER
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == ANSWER
    assert kinds[-1] == "response.completed"


@pytest.fixture
def chat(house, key):
    def make(**more):
        return ChatOpenAI(model="default", api_key=key, base_url=f"{house.url}/v1", max_retries=0, **more)

    return make


def test_langchain_invokes_and_streams(chat):
    told = chat().invoke(LEAVE)
    assert (told.text, told.response_metadata["finish_reason"]) == (ANSWER, "stop")
    whole = None
    for chunk in chat(stream_usage=True).stream(LEAVE):
        whole = chunk if whole is None else whole + chunk
    assert whole.text == ANSWER
    assert whole.usage_metadata["total_tokens"] == told.usage_metadata["total_tokens"]


def test_langchain_speaks_responses_too(chat):
    assert chat(use_responses_api=True).invoke(LEAVE).text == ANSWER


# LangChain puts the parsed model where pydantic expects none, and pydantic says so.
@pytest.mark.filterwarnings("ignore:Pydantic serializer warnings:UserWarning")
def test_langchain_gets_json_as_the_callers_model(chat):
    assert chat().with_structured_output(Leave, method="json_schema").invoke(LEAVE) == Leave(days=27)


def test_the_javascript_client_gets_the_same(house, key):
    node, folder = shutil.which("node"), ServiceSettings().cache / "clients"
    if node is None:
        pytest.skip("there is no node")
    if not (folder / "node_modules" / "openai").is_dir():
        pytest.skip("the JavaScript client is not installed: `make clients`")
    command = [node, str(SCRIPT), str(folder), f"{house.url}/v1", key, LEAVE, UNKNOWN]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["models"] == [["default", "qa-1", "org/base"], "org/base"]
    assert told["whole"] == told["streamed"]
    assert (told["whole"]["text"], told["whole"]["quote"]) == (ANSWER, QUOTE)
    assert told["helped"] == ANSWER
    assert told["formed"][:2] == [{"days": 27}, None]
    assert told["formed"][2].startswith("I don't know")
    assert told["responses"] == [ANSWER, "response.created", "response.completed"]
    assert told["failures"] == [
        ["AuthenticationError", 401, "invalid_api_key"],
        ["BadRequestError", 400, "unsupported_parameter"],
        ["NotFoundError", 404, "model_not_found"],
    ]
