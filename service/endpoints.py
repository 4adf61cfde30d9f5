"""The generator over endpoints: each request at the least busy one, tried again before its first token."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing

from service.answer import Sampling
from service.errors import EngineFailed, EngineLacksModel, EngineRefused, EngineSlow
from service.generate import Piece
from service.pool import Member, Pool, Turn
from service.spans import along
from service.telemetry import failed

ATTEMPTS = 3  # a request that breaks engines shall not break all of them


class EndpointGenerator:
    """OpenAI-compatible endpoints that serve the same model: vLLM first of all."""

    keeps_forms = True

    def __init__(self, pool: Pool, first_token: float, timeout: float) -> None:
        """Seconds that an endpoint may be silent for; seconds of a whole answer, all attempts together."""
        self._pool, self._silence, self._timeout = pool, first_token, timeout

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Generator.stream`; `model` is the endpoints' own name for it."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._timeout
        member, tried = self._pool.choose(), list[Member]()
        while member is not None:
            tried.append(member)
            begun = False
            try:
                pieces = along(
                    "engine", member.engine.stream(model, messages, sampling), endpoint=member.engine.name
                )
                async with aclosing(self._timed(member, pieces, deadline)) as timed:
                    async for piece in timed:
                        begun = True
                        yield piece
            except (EngineFailed, EngineLacksModel) as error:
                failed("engine failed", error.__cause__ or error, endpoint=member.engine.name, begun=begun)
                lacking = isinstance(error, EngineLacksModel)
                # To lack a model breaks no engine: all may be asked for it.
                if begun or clock() >= deadline or (len(tried) >= ATTEMPTS and not lacking):
                    raise
                # Whoever was silent is busy, or hangs: to ask again would not help. Nor where a model lacks.
                again = not (lacking or isinstance(error.__cause__, TimeoutError))
                member = self._pool.choose(tried, again=again)
                if member is None:
                    raise
            except EngineRefused as error:
                failed("engine refused", error.__cause__ or error, endpoint=member.engine.name)
                raise
            else:
                return
        raise self._pool.down()

    def ready(self) -> bool:
        """Whether any endpoint takes requests."""
        return self._pool.ready()

    async def _timed(
        self, member: Member, pieces: AsyncIterator[Piece], deadline: float
    ) -> AsyncGenerator[Piece, None]:
        """One attempt's pieces, each in time."""
        with Turn(member) as turn:
            async with aclosing(pieces) as opened:  # type: ignore[type-var]  # every engine's is a generator
                while piece := await self._next(opened, deadline, turn):
                    turn.answering = True
                    yield piece

    async def _next(self, pieces: AsyncIterator[Piece], deadline: float, turn: Turn) -> Piece | None:
        """The next piece; None after the last."""
        patience = asyncio.get_running_loop().time() + self._silence
        try:
            # Around each piece alone: a consumer may read the next one in another task.
            async with asyncio.timeout_at(min(patience, deadline)):
                return await anext(pieces, None)
        except TimeoutError as error:
            if turn.answering and deadline < patience:
                raise EngineSlow(self._timeout) from error
            raise EngineFailed(
                "the engine was silent for too long: ask again, or raise service.engine_first_token"
            ) from error
