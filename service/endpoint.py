"""One OpenAI-compatible endpoint over HTTP: vLLM first of all.

The only module that imports openai, and httpx2, whose errors openai lets through in mid-stream. The bare
client rather than LangChain's ChatOpenAI: closing it closes the connection at once, so that the engine
stops; errors and structured output come through as they are; and it takes a third less time a token.
"""

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

import httpx2
from openai import (
    APIStatusError,
    AsyncOpenAI,
    BadRequestError,
    DefaultAsyncHttpxClient,
    DefaultHttpxClient,
    OpenAI,
    OpenAIError,
    Timeout,
    omit,
)
from pydantic import SecretStr

from service.answer import Sampling, Usage
from service.auth import is_loopback
from service.dialect import WEIGHED, Dialect, OpenAIDialect
from service.errors import (
    BadRequest,
    ContextTooLong,
    EngineFailed,
    EngineLacksModel,
    EngineRefused,
    ServiceError,
)
from service.generate import Piece
from service.spans import current

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from openai import AsyncAPIResponse, AsyncStream
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam
    from openai.types.chat.completion_create_params import ResponseFormat

CONNECT = 5.0  # seconds
PROBE = 3.0  # seconds
LOADING = 120.0  # seconds: an adapter of a large model, from a slow disk
# A connection an answer: the client closes it at `[DONE]` anyway, and none can have gone stale.
LIMITS = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
SERVER_FAULT = 500
ABSENT = 404
# Of the statuses below it: no or a wrong key, too long in a queue, too many requests.
BLAMED = frozenset({401, 403, 408, 429})
# Of a request that asks for JSON by a schema, these mean the schema.
UNWRITABLE = frozenset({400, 422})
_LOADED = "has already been loaded"
_OVERFLOW = re.compile(r"context.length|maximum model length", re.IGNORECASE)


class Endpoint:
    """A client of one endpoint. It sets no limits of time for an answer, and never asks twice."""

    def __init__(self, url: str, key: SecretStr | None = None, dialect: Dialect | None = None) -> None:
        """`dialect` says what it understands beside OpenAI's fields: nothing, unless given."""
        self.name = shown(url)
        self._dialect = dialect or OpenAIDialect()
        secret = key.get_secret_value() if key else "none"
        # A proxy that the environment names does not reach what runs on this machine.
        outside = not is_loopback(urlsplit(url).hostname or "")
        self._client = AsyncOpenAI(
            base_url=url,
            api_key=secret,
            max_retries=0,
            timeout=Timeout(None, connect=CONNECT),
            http_client=DefaultAsyncHttpxClient(limits=LIMITS, trust_env=outside),
        )
        self._probe = OpenAI(
            base_url=url,
            api_key=secret,
            max_retries=0,
            timeout=PROBE,
            http_client=DefaultHttpxClient(limits=LIMITS, trust_env=outside),
        )

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`; the first piece is the first token, or the end of an empty answer."""
        usage, finish = Usage(), None
        try:
            async with self._asked(model, messages, sampling) as response:
                async for chunk in _chunks(response):
                    usage, finish = chunk.usage or usage, chunk.finish or finish
                    if chunk.text:
                        yield Piece(chunk.text)
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise self._told(error, formed=sampling.form is not None) from error
        if finish is None:
            raise EngineFailed("the engine ended in the middle of the answer: ask again")
        yield Piece("", "length" if finish == "length" else "stop", usage)

    def _asked(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> "AbstractAsyncContextManager[AsyncAPIResponse[AsyncStream[ChatCompletionChunk]]]":
        """The engine's response while it comes in; closed when it is left."""
        return self._client.chat.completions.with_streaming_response.create(
            model=model,
            messages=cast("list[ChatCompletionMessageParam]", self._dialect.messages(messages)),
            max_tokens=sampling.max_tokens,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=omit if sampling.seed is None else sampling.seed,
            stop=list(sampling.stop) or omit,
            response_format=omit if sampling.form is None else _format(sampling.form),
            stream=True,
            stream_options={"include_usage": True},
            extra_headers=current().headers(),
            extra_body=self._dialect.fields(sampling) or None,
        )

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

    def load(self, adapter: str, folder: str) -> None:
        """Load an adapter into vLLM, from a folder as vLLM sees it; blocking. Nothing happens if it is there.

        Raises:
            EngineFailed: it does not answer as it should.
            EngineLacksModel: it won't: it was started without adapters, or does not find the folder.
        """
        body = {"lora_name": adapter, "lora_path": folder}
        try:
            self._probe.post("/load_lora_adapter", cast_to=str, body=body, options={"timeout": LOADING})
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            if isinstance(error, BadRequestError) and _LOADED in str(error):
                return
            told = self._told(error)
            if not isinstance(told, EngineRefused):
                raise told from error
            raise EngineLacksModel(
                f"the engine did not load the adapter {adapter}: start vLLM with "
                "--enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, and set service.engine_adapters "
                "to the adapters' folder as it sees it"
            ) from error

    def weighs(self, model: str) -> bool:
        """Whether it weighs first tokens: with deploy/vllm/first_token.py it refuses what is no weight.

        Raises:
            EngineFailed, EngineRefused: it does not answer as it should.
        """
        wrong = {"vllm_xargs": {WEIGHED: "?"}}
        try:
            self._probe.chat.completions.create(
                model=model, messages=[{"role": "user", "content": "?"}], max_tokens=1, extra_body=wrong
            )
        except BadRequestError:
            return True
        except (OpenAIError, httpx2.HTTPError, ValueError) as error:
            raise self._told(error) from error
        return False

    def _told(self, error: Exception, *, formed: bool = False) -> ServiceError:
        """The error for callers: without the prompt, the key, or the engine's address (the log has it)."""
        status = error.status_code if isinstance(error, APIStatusError) else None
        kind = type(error).__name__ if status is None else f"{type(error).__name__}, status {status}"
        if status is None or status >= SERVER_FAULT or status in BLAMED:
            return EngineFailed(f"the engine failed ({kind}): see that it runs and serves the model")
        if _OVERFLOW.search(str(error)):
            return ContextTooLong(
                "the question and its passages do not fit into the model's context: ask a shorter question"
            )
        if formed and status in UNWRITABLE:
            return BadRequest("the engine cannot write by this schema: use a simpler one", "response_format")
        refused = EngineLacksModel if status == ABSENT else EngineRefused
        return refused(
            f"the engine refused the request ({kind}): see that it serves the model, "
            "and that service.engine_kind is what it is"
        )


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What a chunk of an answer says that we use."""

    text: str
    finish: str | None
    usage: Usage | None


async def _chunks(response: "AsyncAPIResponse[Any]") -> AsyncIterator[_Chunk]:
    """The answer's chunks as they come. The client would make objects of each: half of what a token costs.

    Raises:
        EngineFailed: it tells of an error, or what it writes cannot be read.
    """
    rest = b""
    async for piece in response.iter_bytes():
        # By bytes: str.splitlines would cut at U+2028 as well, which JSON may hold.
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data == b"[DONE]":
                return
            if data:
                yield _chunk(data)


def _chunk(data: bytes) -> _Chunk:
    try:
        told = json.loads(data)
        if told.get("error"):
            raise EngineFailed("the engine failed in the middle of the answer: ask again")
        choices, used = told.get("choices") or (), told.get("usage")
        return _Chunk(
            "".join(choice["delta"].get("content") or "" for choice in choices),
            next((choice["finish_reason"] for choice in choices if choice.get("finish_reason")), None),
            Usage(used["prompt_tokens"], used["completion_tokens"]) if used else None,
        )
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise EngineFailed(
            f"the engine's answer cannot be read ({type(error).__name__}): see that it is OpenAI-compatible"
        ) from error


def _format(form: str) -> "ResponseFormat":
    return cast("ResponseFormat", {"type": "json_schema", "json_schema": json.loads(form)})


def shown(url: str) -> str:
    """A URL as people may see it: without a user, a password or a query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
