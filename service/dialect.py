"""What an endpoint understands beyond OpenAI's own fields."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from service.answer import Sampling
from service.salt import Salt

WEIGHED = "first_token"  # what deploy/vllm/first_token.py looks for
# As most models spell them: <|im_end|>, <|eot_id|>, <|start_header_id|>.
_CONTROL = re.compile(r"<\|[^|>\s]{1,40}\|>")

Messages = Sequence[dict[str, str]]
Plain = Callable[[Messages], list[dict[str, str]]]


def plain(messages: Messages) -> list[dict[str, str]]:
    """The messages without what most models take for control tokens: for models whose own are not known."""
    return [{**message, "content": _CONTROL.sub(" ", message["content"])} for message in messages]


class Dialect(Protocol):
    """How requests are worded."""

    def messages(self, messages: Messages) -> list[dict[str, str]]:
        """The messages as they are sent."""
        ...

    def fields(self, sampling: Sampling) -> dict[str, Any]:
        """What stands in a request beside OpenAI's fields."""
        ...


class OpenAIDialect:
    """OpenAI's fields, and nothing else."""

    def messages(self, messages: Messages) -> list[dict[str, str]]:
        """Without control tokens: some engines take one that a document spells for the template's own."""
        return plain(messages)

    def fields(self, sampling: Sampling) -> dict[str, Any]:
        """None."""
        del sampling
        return {}


class VllmDialect:
    """vLLM's fields: whose prompts may share its cache, and how an answer's first token is weighed."""

    def __init__(self, salt: Salt, plain: Plain = plain) -> None:
        """`plain` takes control tokens out of messages: unless given, what most models take for them."""
        self._salt, self._plain = salt, plain

    def messages(self, messages: Messages) -> list[dict[str, str]]:
        """Without control tokens: vLLM would take one that a document spells for the template's own."""
        return self._plain(messages)

    def fields(self, sampling: Sampling) -> dict[str, Any]:
        """`cache_salt`, and what weighs the first token."""
        constants = dict(sampling.first_token)
        weighed = {"vllm_xargs": {WEIGHED: json.dumps(constants)}} if constants else {}
        return {"cache_salt": self._salt.of(sampling.tenant), **weighed}
