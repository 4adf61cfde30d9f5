"""OpenAI's parameters that are not done here: their values that ask for nothing, and what to do instead."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import PydanticCustomError

_NO_TOOLS = "leave it out, since answers come from documents and no tool is ever called"
_ONE = "leave it out, or ask again for another answer"
_NO_LOGPROBS = "leave it out, since the chances of tokens are not told"
_NO_STEERING = "leave it out; temperature and top_p are taken"
_TEXT = "leave it out, since questions and answers are texts"
_NO_THINKING = "leave it out, since the model does not think aloud"
_NO_STORE = "leave it out, and name a conversation to have its turns kept"
_NO_WEB = "leave it out, since answers come from your documents alone"
_NO_MODERATION = "leave it out, since the server's own policy screens every text"
_NO_CACHING = "leave it out, since the engine sees to it by itself"
_WHOLE = "leave it out, since every answer is made while you wait"


class Undone(NamedTuple):
    """What is not done: the values, beside null, that ask for nothing; and the remedy."""

    neutral: tuple[Any, ...]
    remedy: str


_EVERYWHERE = {
    "moderation": Undone((), _NO_MODERATION),
    "parallel_tool_calls": Undone((True, False), _NO_TOOLS),
    "prompt_cache_options": Undone((), _NO_CACHING),
    "prompt_cache_retention": Undone((), _NO_CACHING),
    "service_tier": Undone(("auto", "default"), "leave it out, since there is one tier"),
    "tool_choice": Undone(("none", "auto"), _NO_TOOLS),
    "tools": Undone(([],), _NO_TOOLS),
    "top_logprobs": Undone((0,), _NO_LOGPROBS),
}
CHAT: Mapping[str, Undone] = {
    **_EVERYWHERE,
    "audio": Undone((), _TEXT),
    "frequency_penalty": Undone((0,), _NO_STEERING),
    "function_call": Undone(("none",), _NO_TOOLS),
    "functions": Undone(([],), _NO_TOOLS),
    "logit_bias": Undone(({},), _NO_STEERING),
    "logprobs": Undone((False,), _NO_LOGPROBS),
    "modalities": Undone((["text"],), _TEXT),
    "n": Undone((1,), _ONE),
    "prediction": Undone((), _NO_STEERING),
    "presence_penalty": Undone((0,), _NO_STEERING),
    "reasoning_effort": Undone((), _NO_THINKING),
    "verbosity": Undone((), "leave it out; max_tokens bounds an answer"),
    "web_search_options": Undone((), _NO_WEB),
}
RESPONSES: Mapping[str, Undone] = {
    **_EVERYWHERE,
    "background": Undone((False,), _WHOLE),
    "context_management": Undone(([],), _NO_STORE),
    "include": Undone(([],), "leave it out, since all that is known comes with every answer"),
    "max_tool_calls": Undone((), _NO_TOOLS),
    "previous_response_id": Undone((), "leave it out, and name a `conversation` instead"),
    "prompt": Undone((), "leave it out, and write the question into `input`"),
    "reasoning": Undone(({},), _NO_THINKING),
    "truncation": Undone(("disabled", "auto"), "leave it out"),
}


def asked_for(data: object, undone: Mapping[str, Undone]) -> object:
    """A request's body without nulls, and without parameters that ask for nothing.

    Raises:
        PydanticCustomError: a parameter asks for what is not done here; the message says what to do.
    """
    if not isinstance(data, dict):
        return data
    kept = {name: value for name, value in data.items() if value is not None}
    for name, (neutral, remedy) in undone.items():
        if name in kept and not any(_same(kept[name], value) for value in neutral):
            raise _refusal(name, remedy)
        kept.pop(name, None)
    return kept


def refuse_tools(message: object) -> object:
    """A message, if it has nothing to do with tools.

    Raises:
        PydanticCustomError: it calls one, or says what one has said.
    """
    if isinstance(message, dict):
        for name in ("tool_calls", "tool_call_id", "function_call"):
            if message.get(name):
                raise _refusal(name, _NO_TOOLS)
    return message


def documented(undone: Mapping[str, Undone]) -> Callable[[dict[str, Any]], None]:
    """Completes a request's JSON schema: what is optional may be null, what is not done has its values."""

    def complete(schema: dict[str, Any]) -> None:
        own = schema["properties"]
        needed = schema.get("required", ())
        for name in own.keys() - needed:
            if {"type": "null"} not in own[name].get("anyOf", ()):
                own[name] = {"anyOf": [own[name], {"type": "null"}]}
        for name, (neutral, remedy) in undone.items():
            own[name] = {"enum": [None, *neutral], "description": f"Not supported: {remedy}."}

    return complete


def _refusal(name: str, remedy: str) -> PydanticCustomError:
    told = {"parameter": name, "remedy": remedy}
    return PydanticCustomError("unsupported_parameter", "{parameter} is not supported: {remedy}", told)


def _same(value: object, neutral: object) -> bool:
    """Equal as JSON is: `true` is not 1."""
    return isinstance(value, bool) == isinstance(neutral, bool) and value == neutral
