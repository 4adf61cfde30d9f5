"""Questions over HTTP in the shape of OpenAI's responses."""

import json
from typing import Any

import pytest

PATH = "/v1/responses"
EXTENSIONS = {"citations", "guardrails", "answer_id", "grounded", "refused", "timings_ms", "conversation_id"}
FORMAT = {"type": "json_schema", "name": "leave", "schema": {"type": "object"}}


def ask(house, said: Any = "How many days?", **more: Any):
    return house.client.post(PATH, headers=house.key(), json={"input": said, **more})


def events(reply) -> list[dict[str, Any]]:
    sent = []
    for block in reply.text.split("\n\n")[:-1]:
        name, data = block.split("\n")
        sent.append(json.loads(data.removeprefix("data: ")))
        assert name == f"event: {sent[-1]['type']}"
    return sent


def test_an_answer_is_a_response_with_its_citations(house):
    body = ask(house, conversation={"id": "c-7"}, metadata={"a": "b"}, user="u").json()
    assert (body["object"], body["status"], body["error"]) == ("response", "completed", None)
    assert body["output"][0]["content"][0]["text"] == "You have |30 days [1]."
    assert body["usage"]["total_tokens"] == 10
    assert set(body) >= EXTENSIONS
    assert (body["conversation"], body["conversation_id"]) == ({"id": "c-7"}, "c-7")
    assert (body["metadata"], body["user"], body["tools"]) == ({"a": "b"}, "u", [])
    assert house.pipeline.asked[0][1].conversation_id == "c-7"


def test_a_stream_is_the_same_answer_event_by_event(house):
    reply = ask(house, stream=True)
    assert reply.headers["content-type"].startswith("text/event-stream")
    sent = events(reply)
    assert [event["delta"] for event in sent if event["type"].endswith("delta")] == [
        "You have ",
        "30 days [1].",
    ]
    assert set(sent[-1]["response"]) >= EXTENSIONS
    assert sent[0]["response"]["id"] == sent[-1]["response"]["id"]


@pytest.mark.parametrize(("text", "code"), [("break late", "the engine"), ("crash late", "the server")])
def test_a_failure_in_the_middle_is_the_last_event(house, text, code):
    *_, last = events(ask(house, text, stream=True))
    assert last["type"] == "response.failed"
    assert code in last["response"]["error"]["message"]
    assert "secret" not in json.dumps(last)


@pytest.mark.parametrize("stream", [False, True])
def test_what_goes_wrong_before_the_first_words_has_its_status(house, stream):
    for text, model, status in (("break early", "default", 503), ("why?", "nope", 404)):
        reply = ask(house, text, model=model, stream=stream)
        assert (reply.status_code, "error" in reply.json()) == (status, True)


def test_the_pipeline_is_asked_what_the_caller_asked(house):
    said = [
        {"role": "user", "content": "How many days?"},
        {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
         "content": [{"type": "output_text", "text": "27", "annotations": [], "logprobs": []}]},
        {"role": "user", "content": [{"type": "input_text", "text": part} for part in ("And", "you?")]},
    ]  # fmt: skip
    assert ask(house, said, instructions="be kind", max_output_tokens=5, temperature=0.5).is_success
    _, asked = house.pipeline.asked[0]
    assert [(message.role, message.content) for message in asked.messages] == [
        ("system", "be kind"),
        ("user", "How many days?"),
        ("assistant", "27"),
        ("user", "And\nyou?"),
    ]
    assert (asked.sampling.max_tokens, asked.sampling.temperature) == (5, 0.5)


def test_json_by_a_schema_is_asked_for_and_sent_back(house):
    body = ask(house, text={"format": FORMAT}).json()
    assert json.loads(body["output"][0]["content"][0]["text"]) == {"days": 30}
    assert body["text"] == {"format": FORMAT}
    assert json.loads(house.pipeline.asked[0][1].sampling.form)["schema"] == {"type": "object"}
    refused = ask(house, "nobody knows", text={"format": FORMAT}).json()
    assert refused["output"][0]["content"] == [{"type": "refusal", "refusal": "I don't know."}]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": []}, "input"),
        ({"input": " "}, "input"),
        ({"input": None}, "input"),
        ({"input": [{"role": "assistant", "content": "x"}]}, "input"),
        ({"input": [{"type": "function_call_output", "call_id": "1", "output": "5"}]}, "input.0."),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input.0.content.0."),
        ({"tools": [{"type": "file_search"}]}, "tools"),
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"background": True}, "background"),
        ({"text": {"format": {"type": "json_object"}}}, "text.format"),
        ({"text": {"format": {"type": "json_schema", "name": "x"}}}, "text.format."),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"messages": []}, "messages"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
    ],
)
def test_what_is_not_done_is_400_and_named(house, more, param):
    reply = house.client.post(PATH, headers=house.key(), json={"input": "How many days?", **more})
    assert reply.status_code == 400
    assert reply.json()["error"]["param"].startswith(param)
    assert house.pipeline.asked == []


def test_a_response_costs_tokens_and_waits_in_line_as_a_completion_does(house):
    reply = ask(house)
    assert "x-ratelimit-remaining-tokens" in reply.headers


def test_a_response_can_be_rated(house):
    headers = house.key()
    answered = house.client.post(PATH, headers=headers, json={"input": "How many days?"}).json()
    rating = {"answer_id": answered["answer_id"], "rating": "up"}
    assert house.client.post("/v1/feedback", headers=headers, json=rating).status_code == 200
