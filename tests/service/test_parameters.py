"""OpenAI's parameters: each is taken, taken for nothing, or refused by name with a remedy."""

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from pydantic_core import PydanticCustomError

from service.parameters import CHAT, RESPONSES, asked_for, refuse_tools
from service.response_request import ResponseRequest
from service.schemas import ChatRequest


@pytest.mark.parametrize(
    ("official", "taken", "undone"),
    [
        (CompletionCreateParamsBase, ChatRequest, CHAT),
        (ResponseCreateParamsBase, ResponseRequest, RESPONSES),
    ],
)
def test_every_parameter_of_the_official_client_is_known(official, taken, undone):
    assert set(official.__annotations__) <= set(taken.model_fields) | set(undone)
    assert set(taken.model_fields).isdisjoint(undone)


@pytest.mark.parametrize(
    "body",
    [
        {"n": 1},
        {"n": 1.0},
        {"n": None, "tools": None, "stream": None},
        {"tools": [], "tool_choice": "none", "logit_bias": {}, "logprobs": False, "presence_penalty": 0.0},
    ],
)
def test_what_asks_for_nothing_is_dropped(body):
    assert asked_for(body | {"model": "m"}, CHAT) == {"model": "m"}


@pytest.mark.parametrize(
    ("name", "value"),
    [("n", 2), ("n", True), ("n", "1"), ("logprobs", 0), ("presence_penalty", False), ("tools", {})],
)
def test_what_asks_for_more_is_refused_with_a_remedy(name, value):
    with pytest.raises(PydanticCustomError) as caught:
        asked_for({name: value}, CHAT)
    assert caught.value.type == "unsupported_parameter"
    assert caught.value.message().startswith(f"{name} is not supported: leave it out")


@pytest.mark.parametrize("body", [None, 7, "text", [1]])
def test_what_is_no_object_is_left_for_others_to_refuse(body):
    assert asked_for(body, CHAT) is body
    assert refuse_tools(body) is body


def test_the_schema_says_which_values_are_taken():
    described = ChatRequest.model_json_schema()["properties"]
    assert described["n"]["enum"] == [None, 1]
    assert "leave it out" in described["n"]["description"]
    for name, field in ResponseRequest.model_json_schema()["properties"].items():
        nullable = {"type": "null"} in field.get("anyOf", ()) or None in field.get("enum", ())
        assert nullable == (name != "input"), name
