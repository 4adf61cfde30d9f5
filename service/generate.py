"""The seam to whatever writes the text: the embedded engine, or any OpenAI-compatible endpoint.

The only module that imports langchain_openai. ChatOpenAI rather than the bare client: streaming,
usage and retries before the first token come with it, and every other LangChain model fits the seam.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from langchain_openai import ChatOpenAI
from openai import OpenAIError

from service.answer import Sampling, Usage
from service.errors import EngineFailed
from service.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text of the engine; the last piece says why it ended and what it cost."""

    text: str
    finish: Literal["stop", "length"] | None = None
    usage: Usage | None = None


class Generator(Protocol):
    """Chat messages in, pieces of text out. It does not know passages, rails or principals."""

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """Write an answer with `model` (a base model or an adapter). Closing the iterator stops the engine.

        Raises:
            EngineFailed: the engine broke down, before or in the middle of the text.
        """
        ...

    def ready(self) -> bool:
        """Whether a request would be answered now."""
        ...


class EndpointGenerator:
    """An OpenAI-compatible endpoint by URL: vLLM first of all."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._settings = settings
        self._key = settings.engine_key.get_secret_value() if settings.engine_key else "none"

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`; `model` is the endpoint's own name for it."""
        chat = ChatOpenAI(
            model=model,
            base_url=self._settings.engine_url,
            api_key=lambda: self._key,
            temperature=sampling.temperature,
            top_p=sampling.top_p,
            seed=sampling.seed,
            max_tokens=sampling.max_tokens,
            stop_sequences=list(sampling.stop) or None,
            timeout=self._settings.engine_timeout,
            stream_usage=True,
        )
        usage, finish = Usage(), "stop"
        try:
            async for chunk in chat.astream(list(messages)):
                if chunk.usage_metadata:
                    usage = Usage(chunk.usage_metadata["input_tokens"], chunk.usage_metadata["output_tokens"])
                finish = chunk.response_metadata.get("finish_reason", finish)
                if chunk.text:
                    yield Piece(str(chunk.text))
        except OpenAIError as error:
            raise EngineFailed(
                f"the engine at {self._settings.engine_url} failed ({type(error).__name__}); "
                "see that it runs and serves the model"
            ) from error
        yield Piece("", "length" if finish == "length" else "stop", usage)

    def ready(self) -> bool:
        """Whether a URL is set; the endpoint's own health shows at the first request."""
        return self._settings.engine_url is not None
