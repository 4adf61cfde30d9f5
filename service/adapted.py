"""Endpoints of vLLM that are given the registry's adapters: by promotion, and whenever one turns out missing.

`/v1/load_lora_adapter` is an administrator's route of the engine, which callers never reach. Names are
hashes of weights and nothing is loaded in place of anything, since vLLM's prefix cache goes by the name.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from concurrent.futures import Future
from contextlib import aclosing
from typing import Protocol

from service.answer import Sampling
from service.errors import EngineLacksModel, ServiceError
from service.generate import Piece
from service.makings import Makings
from service.pool import Engine
from service.telemetry import failed, log


class LoadingEngine(Engine, Protocol):
    """An engine that adapters can be loaded into. `service.endpoint.Endpoint` is one."""

    def load(self, adapter: str, folder: str) -> None:
        """Load an adapter from a folder as the engine sees it; blocking. Nothing happens if it is there.

        Raises:
            EngineFailed: it does not answer as it should.
            EngineLacksModel: it won't.
        """
        ...

    def weighs(self, model: str) -> bool:
        """Whether it weighs first tokens. Blocking.

        Raises:
            EngineFailed, EngineRefused: it does not answer as it should.
        """
        ...


class AdaptedEndpoint:
    """An endpoint, under the registry's names."""

    def __init__(self, engine: LoadingEngine, base: str, served: str, folder: Callable[[str], str]) -> None:
        """The engine calls the model `base` `served`; `folder` is where it finds an adapter."""
        self._engine, self._base, self._served, self._folder = engine, base, served, folder
        self._loads = Makings(self.load)

    @property
    def name(self) -> str:
        """As `Engine.name`."""
        return self._engine.name

    async def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `Engine.stream`; an adapter that the engine lacks is loaded before the first token.

        Raises:
            EngineLacksModel: it cannot be; another engine may do better.
        """
        name = self._served if model == self._base else model
        for last in (model == self._base, True):
            try:
                async with aclosing(self._engine.stream(name, messages, sampling)) as pieces:  # type: ignore[type-var]  # every engine's is a generator
                    async for piece in pieces:
                        yield piece
                    return
            except EngineLacksModel:
                if last:
                    raise
            await self._loaded(model)

    def check(self) -> None:
        """As `Engine.check`."""
        self._engine.check()

    def load(self, adapter: str) -> None:
        """Load an adapter; blocking. Raises as `LoadingEngine.load`."""
        if adapter != self._base:
            self._engine.load(adapter, self._folder(adapter))

    def weighs(self, adapter: str) -> bool:
        """Whether the engine weighs first tokens; blocking. Raises as `LoadingEngine.weighs`."""
        return self._engine.weighs(adapter)

    async def _loaded(self, adapter: str) -> None:
        """Return when it is loaded, once for all who wait; the engine may lose it again later."""
        await self._loads.get(adapter)
        self._loads.drop(adapter)


class HotAdapters:
    """The servant of endpoints that load adapters: all of them are told what will be needed."""

    def __init__(self, endpoints: Sequence[AdaptedEndpoint], weighed: Callable[[str], bool]) -> None:
        """`weighed` tells of which adapters the first token is to be weighed."""
        self._endpoints, self._weighed = endpoints, weighed
        self._loaded = Makings(self._load)

    def want(self, name: str) -> Future[None]:
        """As `Servant.want`: ready when at least one endpoint is; another loads it when it is asked."""
        return self._loaded.want(name)

    def tend(self, held: Collection[str]) -> None:
        """As `Servant.tend`."""
        for name in held:
            self._loaded.want(name)

    def _load(self, name: str) -> None:
        errors = []
        for endpoint in self._endpoints:
            try:
                endpoint.load(name)
            except ServiceError as error:
                failed("adapter not loaded", error, endpoint=endpoint.name, adapter=name)
                errors.append(error)
            else:
                self._weigh(endpoint, name)
        if len(errors) == len(self._endpoints):
            raise errors[0]

    def _weigh(self, endpoint: AdaptedEndpoint, name: str) -> None:
        """Log where an engine answers, and refuses more or less readily than was measured."""
        try:
            if self._weighed(name) and not endpoint.weighs(name):
                log("engine weighs no first tokens", endpoint=endpoint.name, adapter=name)
        except ServiceError as error:
            failed("engine not asked about first tokens", error, endpoint=endpoint.name, adapter=name)
