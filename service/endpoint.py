"""One OpenAI-compatible endpoint over HTTP: vLLM first of all.

The only module that imports openai, and httpx2, whose errors openai lets through in mid-stream. The bare
client rather than LangChain's ChatOpenAI: closing it closes the connection at once, so that the engine
stops; errors and structured output come through as they are; and it takes a third less time a token.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

import httpx2
from openai import (
    APIStatusError,
    AsyncOpenAI,
    DefaultAsyncHttpxClient,
    DefaultHttpxClient,
    OpenAI,
    OpenAIError,
    Timeout,
    omit,
)
from pydantic import SecretStr

from service.answer import Sampling, Usage
from service.errors import BadRequest, ContextTooLong, EngineFailed, EngineRefused, ServiceError
from service.generate import Piece
from service.spans import current

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.chat.completion_create_params import ResponseFormat

CONNECT = 5.0  # seconds
PROBE = 3.0  # seconds
# A connection an answer: the client closes it at `[DONE]` anyway, and none can have gone stale.
LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
SERVER_FAULT = 500
# Of the statuses below it: no or a wrong key, too long in a queue, too many requests.
BLAMED = frozenset({401, 403, 408, 429})
# Of a request that asks for JSON by a schema, these mean the schema.
UNWRITABLE = frozenset({400, 422})
_OVERFLOW = re.compile(r"context.length|maximum model length", re.IGNORECASE)


class Endpoint:
    """A client of one endpoint. It sets no limits of time for an answer, and never asks twice."""

    def __init__(self, url: str, key: SecretStr | None = None) -> None:
        self.name = shown(url)
        secret = key.get_secret_value() if key else "none"
        self._client = AsyncOpenAI(
            base_url=url,
            api_key=secret,
            max_retries=0,
            timeout=Timeout(None, connect=CONNECT),
            http_client=DefaultAsyncHttpxClient(limits=LIMITS),
        )
        self._probe = OpenAI(
            base_url=url,
            api_key=secret,
            max_retries=0,
            timeout=PROBE,
            http_client=DefaultHttpxClient(limits=LIMITS),
        )

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`; the first piece is the first token, or the end of an empty answer."""
        usage, finish = Usage(), None
        try:
            chunks = await self._client.chat.completions.create(
                model=model,
                messages=cast("list[ChatCompletionMessageParam]", list(messages)),
                max_tokens=sampling.max_tokens,
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=omit if sampling.seed is None else sampling.seed,
                stop=list(sampling.stop) or omit,
                response_format=omit if sampling.form is None else _format(sampling.form),
                stream=True,
                stream_options={"include_usage": True},
                extra_headers=current().headers(),
            )
            async with chunks:
                async for chunk in chunks:
                    if chunk.usage:
                        usage = Usage(chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
                    for choice in chunk.choices or ():
                        finish = choice.finish_reason or finish
                        if choice.delta.content:
                            yield Piece(choice.delta.content)
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise self._told(error, formed=sampling.form is not None) from error
        if finish is None:
            raise EngineFailed(f"the engine at {self.name} ended in the middle of the answer; ask again")
        yield Piece("", "length" if finish == "length" else "stop", usage)

    def check(self) -> None:
        """Ask for its models: every OpenAI-compatible endpoint lists them, and only to those with the key.

        Raises:
            EngineFailed: it does not answer as it should.
            EngineRefused: it answers, though not this.
        """
        try:
            self._probe.models.list()
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise self._told(error) from error

    def _told(self, error: Exception, *, formed: bool = False) -> ServiceError:
        """The error as callers may see it: the message quotes neither the prompt nor the key."""
        status = error.status_code if isinstance(error, APIStatusError) else None
        kind = type(error).__name__ if status is None else f"{type(error).__name__}, status {status}"
        if status is None or status >= SERVER_FAULT or status in BLAMED:
            return EngineFailed(
                f"the engine at {self.name} failed ({kind}); see that it runs and serves the model"
            )
        if _OVERFLOW.search(str(error)):
            return ContextTooLong(
                "the question and its passages do not fit into the model's context: ask a shorter question"
            )
        if formed and status in UNWRITABLE:
            return BadRequest("the engine cannot write by this schema: use a simpler one", "response_format")
        return EngineRefused(
            f"the engine at {self.name} refused the request ({kind}); see that it serves the model"
        )


def _format(form: str) -> "ResponseFormat":
    return cast("ResponseFormat", {"type": "json_schema", "json_schema": json.loads(form)})


def shown(url: str) -> str:
    """A URL as people may see it: without a user, a password or a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
