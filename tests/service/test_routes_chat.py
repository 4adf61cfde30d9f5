"""Questions over HTTP, in OpenAI's shape, streamed and not."""

import json
from typing import Any

import httpx
import pytest
from langchain_openai import ChatOpenAI
from openai import APIError, AsyncOpenAI
from starlette.testclient import TestClient

from ingest.where import EVERYWHERE, Where
from service.app import create_app

PATH = "/v1/chat/completions"
EXTENSIONS = {
    "citations",
    "guardrails",
    "answer_id",
    "grounded",
    "refused",
    "timings_ms",
    "conversation_id",
}


def question(text: Any = "How many days?", **more: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": text}], **more}


def events(reply) -> list[Any]:
    lines = [line for line in reply.text.split("\n\n") if line]
    assert all(line.startswith("data: ") for line in lines)
    data = [line.removeprefix("data: ") for line in lines]
    assert data[-1] == "[DONE]"
    return [json.loads(line) for line in data[:-1]]


def test_an_answer_is_a_completion_with_its_citations(house):
    reply = house.client.post(PATH, headers=house.key(), json=question(conversation_id="c-7"))
    body = reply.json()
    assert reply.status_code == 200
    assert body["object"] == "chat.completion"
    assert body["choices"][0]["message"] == {
        "role": "assistant",
        "content": "You have |30 days [1].",
        "refusal": None,
    }
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    assert set(body) >= EXTENSIONS
    assert body["conversation_id"] == "c-7"
    cited = {"n": 1, "document_id": "d-1", "start": 3, "end": 9, "quote": "30 day", "verified": True}
    assert cited.items() <= body["citations"][0].items()
    assert body["guardrails"] == [
        {
            "rail": "pii",
            "stage": "output",
            "action": "redact",
            "policy": "default-1",
            "reason": "an e-mail address",
            "span": [0, 4],
        }
    ]


def test_a_stream_begins_with_the_role_and_ends_with_all_that_is_known(house):
    reply = house.client.post(PATH, headers=house.key(), json=question(stream=True))
    assert reply.headers["content-type"].startswith("text/event-stream")
    first, *middle, last = events(reply)
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [chunk["choices"][0]["delta"]["content"] for chunk in middle] == ["You have ", "30 days [1]."]
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in [first, *middle])
    assert last["choices"][0]["delta"] == {}
    assert last["choices"][0]["finish_reason"] == "stop"
    assert set(last) >= EXTENSIONS
    assert "usage" not in last
    assert len({chunk["id"] for chunk in [first, *middle, last]}) == 1


def test_a_stream_tells_the_usage_when_it_is_asked_for(house):
    asked = question(stream=True, stream_options={"include_usage": True})
    *others, end, last = events(house.client.post(PATH, headers=house.key(), json=asked))
    assert (last["usage"]["total_tokens"], last["choices"]) == (10, [])
    assert all(chunk["usage"] is None for chunk in [*others, end])
    assert (end["choices"][0]["delta"], end["choices"][0]["finish_reason"]) == ({}, "stop")
    assert {name: last[name] for name in EXTENSIONS} == {name: end[name] for name in EXTENSIONS}


@pytest.mark.parametrize("stream", [False, True])
def test_a_blocked_question_is_a_normal_answer_that_says_why(house, stream):
    reply = house.client.post(PATH, headers=house.key(), json=question("attack", stream=stream))
    last = events(reply)[-1] if stream else reply.json()
    assert reply.status_code == 200
    assert last["choices"][0]["finish_reason"] == "content_filter"
    assert last["guardrails"] == [
        {
            "rail": "injection",
            "stage": "input",
            "action": "block",
            "policy": "default-1",
            "reason": "looks like an attack",
        }
    ]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (question(model="nope"), 404, "model_not_found"),
        (question("x" * 1_000_000), 400, "context_length_exceeded"),
        (question("break early"), 503, "engine_unavailable"),
    ],
)
def test_what_goes_wrong_before_the_first_words_has_its_status(house, stream, body, status, code):
    reply = house.client.post(PATH, headers=house.key(), json={**body, "stream": stream})
    assert (reply.status_code, reply.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("text", "code"), [("break late", "engine_unavailable"), ("crash late", "internal_error")]
)
def test_a_failure_in_the_middle_is_one_error_event_and_done(house, text, code):
    *chunks, last = events(house.client.post(PATH, headers=house.key(), json=question(text, stream=True)))
    assert last["error"]["code"] == code
    assert "secret" not in json.dumps(last)
    assert all("error" not in chunk for chunk in chunks)


def test_a_failure_in_the_middle_of_an_answer_that_is_not_streamed_has_its_status(house):
    reply = house.client.post(PATH, headers=house.key(), json=question("break late"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "engine_unavailable")


@pytest.mark.parametrize(
    "messages",
    [
        [],
        None,
        "hello",
        [{"role": "user", "content": ""}],
        [{"role": "user", "content": " \n\t"}],
        [{"role": "user", "content": []}],
        [{"role": "user"}],
        [{"content": "x"}],
        [{"role": "tool", "content": "x"}],
        [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x"}}]}],
        [{"role": "user", "content": "lone \ud800 surrogate"}],
    ],
)
def test_messages_that_hold_no_question_are_400(house, messages):
    body = json.dumps({"messages": messages}).encode()
    headers = house.key() | {"Content-Type": "application/json"}
    reply = house.client.post(PATH, headers=headers, content=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["param"].startswith("messages")
    assert house.pipeline.asked == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tools", [{"type": "function"}]),
        ("tool_choice", "required"),
        ("parallel_tool_calls", "yes"),
        ("modalities", ["audio"]),
        ("reasoning_effort", "low"),
        ("n", True),
        ("temperature", "1"),
        ("stop", "x" * 300),
        ("stop", [""]),
        ("response_format", {"type": "json_schema"}),
        ("response_format", {"type": "json_schema", "json_schema": {"name": "x y", "schema": {}}}),
        ("response_format", "json"),
        ("functions", [{}]),
        ("logprobs", True),
        ("n", 2),
        ("presence_penalty", 0.5),
        ("frequency_penalty", -1),
        ("logit_bias", {"1": 1}),
        ("response_format", {"type": "json_object"}),
        ("temprature", 1),
        ("temperature", 3),
        ("temperature", "hot"),
        ("top_p", 0),
        ("max_tokens", 0),
        ("stop", ["a", "b", "c", "d", "e"]),
        ("seed", 1.5),
        ("stream", "perhaps"),
        ("model", ""),
        ("model", 7),
    ],
)
def test_a_parameter_that_is_unknown_or_wrong_is_400_and_named(house, name, value):
    reply = house.client.post(PATH, headers=house.key(), json=question(**{name: value}))
    assert reply.status_code == 400
    assert reply.json()["error"]["param"].startswith(name)
    assert name in reply.json()["error"]["message"]


@pytest.mark.parametrize(
    "more",
    [
        {"n": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "tools": [], "logprobs": False},
        {"temperature": None, "tools": None, "stop": None, "stream_options": None, "seed": None},
        {"user": "u-1", "metadata": {"a": "b"}, "response_format": {"type": "text"}},
        {"store": True},
        {"max_completion_tokens": 5, "top_p": 0.5, "temperature": 0.7, "seed": 3, "stop": "\n"},
        {"tool_choice": "auto", "parallel_tool_calls": True, "modalities": ["text"], "service_tier": "auto"},
        {"stream": None, "model": None, "safety_identifier": "s", "prompt_cache_key": "k"},
    ],
)
def test_what_openai_clients_send_by_habit_is_taken(house, more):
    assert house.client.post(PATH, headers=house.key(), json=question(**more)).status_code == 200


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("tools", [{"type": "function"}], "no tool is ever called"),
        ("n", 2, "ask again"),
        ("logprobs", True, "leave it out"),
        ("web_search_options", {}, "your documents alone"),
        ("response_format", {"type": "json_object"}, "'json_schema'"),
        ("temprature", 1, "correct it"),
    ],
)
def test_a_refused_parameter_comes_with_its_remedy(house, name, value, remedy):
    told = house.client.post(PATH, headers=house.key(), json=question(**{name: value})).json()["error"]
    assert remedy in told["message"]
    assert told["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("messages", "param"),
    [
        ([{"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]}], "messages.0.tool_calls"),
        ([{"role": "tool", "tool_call_id": "1", "content": "5"}], "messages.0.tool_call_id"),
        ([{"role": "user", "content": [{"type": "text"}]}], "messages.0.content.0.text"),
        ([{"role": "user", "content": 7}], "messages.0.content"),
        ([{"role": "user"}], "messages.0.content"),
        (None, "messages"),
        ([{"role": "user", "content": [{"type": "image_url"}]}], "messages.0.content.0.type"),
    ],
)
def test_a_fault_in_a_message_is_named_by_its_place_alone(house, messages, param):
    reply = house.client.post(PATH, headers=house.key(), json={"messages": messages})
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)


SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]}
FORMAT = {"type": "json_schema", "json_schema": {"name": "leave", "schema": SCHEMA, "strict": True}}


def test_a_json_schema_reaches_the_pipeline_as_the_caller_wrote_it(house):
    reply = house.client.post(PATH, headers=house.key(), json=question(response_format=FORMAT))
    assert json.loads(reply.json()["choices"][0]["message"]["content"]) == {"days": 30}
    _, ask = house.pipeline.asked[0]
    assert json.loads(ask.sampling.form) == FORMAT["json_schema"]


def test_without_a_schema_none_is_asked_for(house):
    house.client.post(PATH, headers=house.key(), json=question(response_format={"type": "text"}))
    assert house.pipeline.asked[0][1].sampling.form is None


@pytest.mark.parametrize("formed", [False, True])
def test_a_refusal_stands_apart_only_where_json_was_asked_for(house, formed):
    more = {"response_format": FORMAT} if formed else {}
    whole = house.client.post(PATH, headers=house.key(), json=question("nobody knows", **more)).json()
    message, told = whole["choices"][0]["message"], "I don't know."
    assert (message["content"], message["refusal"]) == ((None, told) if formed else (told, None))
    stream = house.client.post(PATH, headers=house.key(), json=question("nobody knows", stream=True, **more))
    _, said, last = events(stream)
    assert said["choices"][0]["delta"] == {"refusal" if formed else "content": told}
    assert last["refused"] is whole["refused"] is True


def test_a_stop_and_a_schema_contradict_each_other(house):
    reply = house.client.post(PATH, headers=house.key(), json=question(response_format=FORMAT, stop="}"))
    assert (reply.status_code, reply.json()["error"]["param"]) == (400, "stop")


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    ["true", json.dumps(nested(200)), '{"a": NaN}', '{"a": "\\ud800"}', json.dumps({"a": "x" * 30_000})],
)
def test_a_schema_that_no_engine_would_take_is_400(house, schema):
    named = f'{{"name": "x", "schema": {schema}}}'
    form = f'{{"type": "json_schema", "json_schema": {named}}}'
    body = f'{{"messages": [{{"role": "user", "content": "x"}}], "response_format": {form}}}'
    headers = house.key() | {"Content-Type": "application/json"}
    reply = house.client.post(PATH, headers=headers, content=body.encode())
    assert (reply.status_code, reply.json()["error"]["param"]) == (
        400,
        "response_format.json_schema.schema",
    )


@pytest.mark.parametrize(("said", "kept"), [({}, True), ({"store": True}, True), ({"store": False}, False)])
def test_a_caller_may_forbid_that_anything_is_kept_for_training(house, said, kept):
    assert house.client.post(PATH, headers=house.key(), json=question(**said)).status_code == 200
    ((_, ask),) = house.pipeline.asked
    assert ask.store is kept


def test_the_pipeline_is_asked_what_the_caller_asked(house):
    headers = house.key("acme", ["hr"], ["chat"], "anna")
    asked = {
        "model": "grounded-qa-1",
        "max_tokens": 9,
        "max_completion_tokens": 5,
        "temperature": 0.7,
        "stop": ["a", "b"],
        "messages": [
            {"role": "developer", "content": "be kind"},
            {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        ],
    }
    assert house.client.post(PATH, headers=headers, json=asked).status_code == 200
    principal, ask = house.pipeline.asked[0]
    assert (principal.tenant, principal.subject, principal.groups) == ("acme", "anna", {"hr"})
    assert not principal.every_group
    assert [(message.role, message.content) for message in ask.messages] == [
        ("system", "be kind"),
        ("user", "one\ntwo"),
    ]
    assert ask.model == "grounded-qa-1"
    assert (ask.sampling.max_tokens, ask.sampling.temperature, ask.sampling.stop) == (5, 0.7, ("a", "b"))


def test_the_pipeline_is_closed_after_every_answer(house):
    for stream in (False, True):
        house.client.post(PATH, headers=house.key(), json=question(stream=stream))
    house.client.post(PATH, headers=house.key(), json=question("break late", stream=True))
    assert house.pipeline.closed == 3


def test_an_answer_can_be_rated_as_soon_as_its_stream_has_ended(house):
    headers = house.key()
    last = events(house.client.post(PATH, headers=headers, json=question(stream=True)))[-1]
    rating = {"answer_id": last["answer_id"], "rating": "up"}
    assert house.client.post("/v1/feedback", headers=headers, json=rating).status_code == 200


async def _ask_with_the_official_client(app, key: str, text: str) -> list[Any]:
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport) as http,
        AsyncOpenAI(api_key=key, base_url="http://server/v1", http_client=http, max_retries=0) as client,
    ):
        stream = await client.chat.completions.create(
            model="default", messages=[{"role": "user", "content": text}], stream=True
        )
        return [chunk async for chunk in stream]


def test_the_official_client_reads_a_stream_with_citations(house):
    key = house.key()["Authorization"].removeprefix("Bearer ")
    portal = TestClient(create_app(house.parts)).app
    chunks = house.client.portal.call(_ask_with_the_official_client, portal, key, "How many days?")
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == "You have 30 days [1]."
    assert chunks[-1].citations[0]["quote"] == "30 day"
    assert chunks[-1].choices[0].finish_reason == "stop"


def test_the_official_client_sees_a_failure_in_the_middle_as_an_error(house):
    key = house.key()["Authorization"].removeprefix("Bearer ")
    app = create_app(house.parts)
    with pytest.raises(APIError, match="the engine"):
        house.client.portal.call(_ask_with_the_official_client, app, key, "break late")


async def _ask_with_langchain(app, key: str, text: str) -> list[Any]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
        chat = ChatOpenAI(
            model="default", api_key=key, base_url="http://server/v1", http_async_client=http, max_retries=0
        )
        return [chunk async for chunk in chat.astream(text)]


def test_langchains_client_reads_a_stream(house):
    key = house.key()["Authorization"].removeprefix("Bearer ")
    chunks = house.client.portal.call(_ask_with_langchain, create_app(house.parts), key, "How many days?")
    assert "".join(chunk.text for chunk in chunks) == "You have 30 days [1]."


@pytest.mark.parametrize(
    ("path", "body"), [(PATH, question()), ("/v1/responses", {"model": "default", "input": "How many days?"})]
)
def test_a_question_says_where_its_answer_is_to_come_from(house, path, body):
    narrowed = {"labels": ["handbook"], "path": "file:///share", "since": "2026-01-01"}
    assert house.client.post(path, headers=house.key(), json=body | {"filter": narrowed}).status_code == 200
    assert house.client.post(path, headers=house.key(), json=body | {"filter": None}).status_code == 200
    (_, first), (_, second) = house.pipeline.asked
    assert first.where == Where(labels=("handbook",), path="file:///share", since="2026-01-01")
    assert second.where == EVERYWHERE
    for fault, param in (({"label": ["x"]}, "filter.label"), ({"until": "soon"}, "filter.until")):
        reply = house.client.post(path, headers=house.key(), json=body | {"filter": fault})
        assert (reply.status_code, reply.json()["error"]["param"]) == (400, param)
