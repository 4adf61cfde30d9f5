"""The composition root of what writes the text: settings → an engine, its adapters and its tokenizer.

Four kinds: embedded; endpoints with a model of their own; endpoints of vLLM that are given our adapters; and
vLLM run by this server, a process for each adapter.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.home import home
from service.adapted import AdaptedEndpoint, HotAdapters
from service.adapters import DEFAULT, AdapterRegistry
from service.breaker import Breaker
from service.canary import Canary, CanaryGenerator
from service.context import CountTokens
from service.dialect import Dialect, OpenAIDialect, VllmDialect, plain
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.errors import Misconfigured, ModelUnavailable
from service.fleet import Fleet
from service.generate import Generator
from service.pool import Engine, Pool
from service.prober import Prober
from service.promotion import Promotion, Servant
from service.salt import Salt, kept_secret
from service.settings import ServiceSettings
from service.split import Split
from service.telemetry import Metrics
from service.vllm import Launcher, Vllm

if TYPE_CHECKING:
    from service.chat import Chat
    from service.models import BaseModel

# Characters that a token of an endpoint's model surely has at least, on average.
CHARACTERS_A_TOKEN = 3
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Engines:
    """What writes the text, which adapters it may be, and how its prompts are counted."""

    generator: Generator
    adapters: AdapterRegistry
    count: CountTokens


@dataclass(frozen=True, slots=True)
class Site:
    """Where parts are put together: what they are made by, closed by and watched by."""

    settings: ServiceSettings
    stack: ExitStack
    metrics: Metrics
    stop: threading.Event  # set when the server stops
    canary: Canary = field(default_factory=Canary)


def open_engines(site: Site) -> Engines:
    """The engine that the settings name, ready to answer; closed with the site.

    Raises:
        ModelUnavailable, Misconfigured: what the settings name is not there, or not sound.
    """
    settings = site.settings
    if settings.vllm is not None:
        return _fleet(site, settings.vllm)
    if settings.engine_url is not None and settings.engine_adapters is not None:
        return _adapted(site, settings.engine_url, settings.engine_adapters)
    if settings.engine_url is not None:
        return _endpoints(site, settings.engine_url)
    return _embedded(site)


def _embedded(site: Site) -> Engines:
    # Seconds to import: not before they are needed.
    from service.chat import Chat  # noqa: PLC0415  # see above
    from service.embedded import EmbeddedEngine  # noqa: PLC0415  # see above
    from service.models import load_adapted  # noqa: PLC0415  # see above

    settings, adapters = site.settings, _registry(site.settings)

    def load(name: str) -> "BaseModel":
        return load_adapted(settings.model, settings.cache, adapters.path(name))

    engine = EmbeddedEngine(load, settings.threads)
    site.stack.callback(engine.close)
    _follow(site, adapters, engine)
    tokenizer = engine.want(adapters.resolve(DEFAULT)).result().tokenizer
    return Engines(engine, adapters, Chat(tokenizer).count)


def _endpoints(site: Site, urls: Sequence[str]) -> Engines:
    """Endpoints that know nothing of our adapters: their own model alone, into which one may be merged."""
    settings, model = site.settings, site.settings.engine_model
    merged = settings.adapters / model
    adapters = AdapterRegistry(settings.folder / "no-adapters", model, model, merged=merged)
    chat = _chat(settings, settings.engine_tokenizer) if settings.engine_tokenizer else None
    dialect = _vllm_dialect(site, chat) if settings.engine_kind == "vllm" else OpenAIDialect()
    pool = _pool(settings, [Endpoint(url, settings.engine_key, dialect) for url in urls])
    _watch(site, pool)
    generator, count = _generator(settings, pool), chat.count if chat else _estimate
    if not settings.canary or merged.is_dir():
        return Engines(generator, adapters, count)
    return Engines(CanaryGenerator(generator, site.canary), adapters, site.canary.counted(count))


def _adapted(site: Site, urls: Sequence[str], folder: Path) -> Engines:
    settings, adapters = site.settings, _registry(site.settings)
    chat = _chat(settings, settings.engine_tokenizer or settings.model)
    dialect = _vllm_dialect(site, chat)
    endpoints = [
        AdaptedEndpoint(
            Endpoint(url, settings.engine_key, dialect),
            adapters.base,
            settings.engine_model,
            lambda name: str(folder / name),
        )
        for url in urls
    ]
    pool = _pool(settings, endpoints)
    _watch(site, pool)
    # Engines that are not there yet are given the adapter when they are asked.
    adapters.serve(adapters.promoted())
    _follow(site, adapters, HotAdapters(endpoints, lambda name: adapters.calibration(name).weighs))
    return Engines(_generator(settings, pool), adapters, chat.count)


def _fleet(site: Site, python: Path) -> Engines:
    settings, adapters = site.settings, _registry(site.settings)
    if not python.exists():
        raise Misconfigured(f"service.vllm: there is no {python}; `make vllm` makes .venv-vllm/bin/python")
    chat = _chat(settings, settings.model)
    dialect = _vllm_dialect(site, chat)

    def connect(url: str) -> tuple[Pool, Generator]:
        pool = _pool(settings, [Endpoint(url, None, dialect)])
        return pool, _generator(settings, pool)

    def weights(name: str) -> str:
        return _weights(settings, None if name == adapters.base else name)

    room = -(-(settings.context_tokens + settings.most_tokens) // 256) * 256
    launcher = Launcher(
        Vllm(python.absolute(), room, settings.vllm_memory),
        weights,
        connect,
        settings.folder / "engines",
        settings.vllm_start,
        site.stop,
    )
    fleet = Fleet(launcher.start, settings.vllm_spares, settings.engine_timeout)
    site.metrics.engine(fleet.states)
    site.stack.callback(fleet.close)
    site.stack.callback(site.stop.set)
    _follow(site, adapters, fleet)
    return Engines(fleet, adapters, chat.count)


def _registry(settings: ServiceSettings) -> AdapterRegistry:
    """The adapters of the folder.

    Raises:
        Misconfigured: the candidate of a comparison is none of them.
    """
    candidate = settings.split_candidate
    split = Split(candidate, settings.split_share) if candidate else None
    adapters = AdapterRegistry(settings.adapters, settings.model, settings.default_adapter, split)
    if candidate and candidate not in adapters.names():
        raise Misconfigured(f"service.split_candidate: there is no adapter {candidate!r}")
    return adapters


def _follow(site: Site, adapters: AdapterRegistry, servant: Servant) -> None:
    promotion = Promotion(adapters, servant)
    site.stack.callback(promotion.close)
    promotion.start()


def _vllm_dialect(site: Site, chat: "Chat | None") -> Dialect:
    given = site.settings.engine_salt
    home(site.settings.folder)
    secret = given.get_secret_value().encode() if given else kept_secret(site.settings.folder / "engine-salt")
    return VllmDialect(Salt(secret), chat.plain if chat else plain)


def _pool(settings: ServiceSettings, engines: Sequence[Engine]) -> Pool:
    return Pool(engines, lambda: Breaker(time.monotonic, settings.engine_failures, settings.engine_pause))


def _generator(settings: ServiceSettings, pool: Pool) -> EndpointGenerator:
    return EndpointGenerator(pool, settings.engine_first_token, settings.engine_timeout)


def _watch(site: Site, pool: Pool) -> None:
    prober = Prober(pool.members)
    prober.start()
    site.stack.callback(prober.close)
    site.metrics.engine(pool.states)


def _chat(settings: ServiceSettings, name: str) -> "Chat":
    from service.chat import load_chat  # noqa: PLC0415  # seconds to import, see above
    from service.models import PACKAGED, packaged_folder  # noqa: PLC0415  # as above

    return load_chat(packaged_folder(settings.cache) if name == PACKAGED else name)


def _estimate(messages: Sequence[dict[str, str]]) -> int:
    return sum(len(message["content"]) for message in messages) // CHARACTERS_A_TOKEN


def _weights(settings: ServiceSettings, adapter: str | None) -> str:
    """Where the merged weights are. Written by a process of its own: its gigabytes and its work are not ours.

    Raises:
        ModelUnavailable: they cannot be made.
    """
    told = {
        "PYTHONPATH": ROOT,
        "PLUMBLINE_CACHE": settings.cache,
        "PLUMBLINE_SERVICE__MODEL": settings.model,
        "PLUMBLINE_SERVICE__ADAPTERS": settings.adapters.absolute(),
    }
    environment = ["/usr/bin/env", *(f"{name}={value}" for name, value in told.items())]
    program = [sys.executable, "-m", "service", "weights", "--json", *([adapter] if adapter else [])]
    done = subprocess.run([*environment, *program], capture_output=True, text=True, check=False)
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise ModelUnavailable(adapter or settings.model, said[-1])
    return str(json.loads(done.stdout)["folder"])
