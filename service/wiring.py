"""The composition root: settings → the real clients, put together. Nothing else builds them."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import NamedTuple

from guardrails.build import build_guard
from guardrails.errors import GuardrailsError
from guardrails.extraction import Prompt
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.policy_file import load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.shelf import Assignments, Shelf
from ingest.catalog import Catalog
from ingest.chunk import Sizes
from ingest.cluster import cluster
from ingest.embedders import fitted, remembering
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Tools
from ingest.rerankers import ordered
from ingest.screen import Screens
from ingest.settings import IngestSettings
from ingest.vectors import stores
from service.adapters import DEFAULT
from service.answer import Decision
from service.audit import Audit, RotatingRecorder
from service.audited import AuditedPipeline, AuditedRecorder, LedgerJournal, tell_failures
from service.auth import Authenticator, BearerAuth, Issuer, NoAuth
from service.cache import NO_CACHE, AnswerCache
from service.claims import ClaimMap
from service.conversations import Conversations
from service.counters import Counters
from service.dialogue import Dialogue
from service.drain import Drain
from service.engines import Site, open_engines
from service.guards import LateShelf, ShelvedGuards, ShelvedScreens
from service.jobs import Jobs, Stop
from service.jwks import KeySet, fetch
from service.keys import Keyring
from service.ledger import Ledger
from service.memory_cache import Limits, MemoryCache
from service.observer import Observer
from service.pipeline import Pipeline
from service.prompts import INSTRUCTIONS
from service.quotas import Quotas, Spending
from service.readiness import Pulse, taking
from service.recorder import Recorder
from service.resources import Resources
from service.retrieve import Retriever
from service.samples import Samples
from service.scrutiny import Scrutiny
from service.settings import ServiceSettings
from service.spans import NoTracer, Tracer
from service.spool import Spool
from service.startup import Startup
from service.telemetry import Metrics, log, warn
from service.tokens import Provider, Tokens
from service.upkeep import Upkeep


class _Records(NamedTuple):
    """What keeps answers, and the turns of conversations."""

    recorder: Recorder
    dialogue: Dialogue


@contextmanager
def opened(
    settings: ServiceSettings, token: str | None, on_failure: Callable[[Exception], None]
) -> Iterator[Resources]:
    """A server's parts over a data folder that this process has claimed; closed in the end.

    `token` admits the command line; `on_failure` is told if the engine cannot be loaded.

    Raises:
        GuardrailsError, IngestError, ServiceError: what the settings name is not there, or not sound.
    """
    with ExitStack() as stack:
        ledger = Ledger.of(settings)
        stack.callback(ledger.close)
        assignments = _assignments()
        library = _library(stack, IngestSettings(home=settings.home))
        redis = settings.limits_url.get_secret_value() if settings.limits_url else None
        quotas = Quotas(settings, Counters(redis))
        days, turns = settings.conversation_days, settings.conversation_turns
        conversations = Conversations(ledger.transaction, days, turns, readable=library.catalog.readable)
        samples = Samples(ledger.transaction, settings.feedback_wait, settings.feedback_days)
        audit = Audit(ledger.transaction, settings.audit_days)
        recorder = AuditedRecorder(RotatingRecorder(Spending(ledger, quotas), audit))
        records = _Records(recorder, Dialogue(conversations, samples))
        stop = Stop()
        site = Site(settings, stack, Metrics(), stop)
        shelf = LateShelf(lambda: _shelf(site, assignments))
        tools = _tools(site, ledger, library, ShelvedScreens(shelf))
        recording = Pulse(lambda: taking(ledger))
        yield Resources(
            settings=settings,
            tools=tools,
            ledger=ledger,
            audit=audit,
            recording=recording,
            conversations=conversations,
            authenticator=_authenticator(settings, ledger),
            quotas=quotas,
            startup=Startup(
                lambda: AuditedPipeline(_ready(site, library, shelf, records), recording),
                on_failure,
            ),
            jobs=Jobs(ledger, tools, Spool(settings.folder, settings.max_spool_bytes), stop, site.metrics),
            metrics=site.metrics,
            tracer=_tracer(site),
            stop=stop,
            drain=Drain(settings.stop_wait),
            token=token,
        )


def _authenticator(settings: ServiceSettings, ledger: Ledger) -> Authenticator:
    if settings.auth == "off":
        return NoAuth()
    issuers: list[Issuer] = [Keyring(ledger)] if settings.auth == "keys" else []
    if settings.auth == "oidc" or settings.oidc_issuer:
        provider = Provider.of(settings)
        keys = KeySet(lambda: fetch(provider.jwks_url), settings.oidc_refetch)
        issuers.append(Tokens(provider, keys, ClaimMap.of(settings)))
    return BearerAuth(*issuers)


def _assignments() -> Assignments:
    """Who has which policy: a server whose policies cannot be used does not start."""
    assignments = Assignments.of(GuardrailsSettings())
    for name in sorted(assignments.names()):
        load_policy(name)
    return assignments


def _ready(site: Site, library: Library, shelf: LateShelf, records: _Records) -> Pipeline:
    """The pipeline, with everything loaded that a first question would otherwise wait for."""
    library.open()
    upkeep = Upkeep(library)
    site.stack.callback(upkeep.stop)
    upkeep.start()
    pipeline = _pipeline(site, library, shelf(), records)
    library.embedder.encode_query("warm")
    # Millions of objects that stay for good: a full collection over them stops an answer for a second,
    # and the one at the end holds up the process for several.
    gc.collect()
    gc.freeze()
    return pipeline


def _pipeline(site: Site, library: Library, shelf: Shelf, records: _Records) -> Pipeline:
    engines, ingestion = open_engines(site), IngestSettings(home=site.settings.home)
    live = engines.adapters.resolve(DEFAULT)
    Scrutiny().warm(live, engines.adapters.calibration(live))
    withholder = library.withholder(every_tenant=site.settings.withhold_every_tenant)
    recorder, dialogue = records
    return Pipeline(
        ShelvedGuards(shelf, withholder.of),
        Retriever(library, ordered(site.settings.reranker, ingestion)),
        engines.generator,
        engines.adapters,
        engines.count,
        recorder,
        dialogue,
        site.settings,
        _cache(site, library),
    )


def _shelf(site: Site, assignments: Assignments) -> Shelf:
    settings = GuardrailsSettings()
    encoder = fitted(IngestSettings(home=site.settings.home))
    prompt = Prompt(INSTRUCTIONS, site.canary.token)

    def make(policy: Policy) -> Guard:
        watch = Observer(site.metrics)
        return build_guard(policy, encoder, remember=settings.remember, watch=watch, prompt=prompt)

    return Shelf(assignments, make, _policy_changed, wait=settings.reload)


def _policy_changed(policy: str, error: GuardrailsError | None) -> None:
    if error is None:
        log("policy read anew", policy=policy)
    else:
        warn("policy not read anew: the one before stays in force", policy=policy, reason=str(error))


def _cache(site: Site, library: Library) -> AnswerCache:
    settings = site.settings
    if not settings.cache_seconds:
        return NO_CACHE
    limits = Limits(settings.cache_seconds, settings.cache_entries, settings.cache_bytes)
    return MemoryCache(library.generation, limits, site.metrics.looked_up)


def _tracer(site: Site) -> Tracer:
    if site.settings.traces_url is None:
        return NoTracer()
    from service.otlp import OtlpTracer  # noqa: PLC0415  # half a second to import, for those who want traces

    tracer = OtlpTracer.to(site.settings.traces_url, site.settings.traces_share)
    site.stack.callback(tracer.close)
    return tracer


def _library(stack: ExitStack, settings: IngestSettings) -> Library:
    embedder = remembering(settings)
    catalog = Catalog(settings.catalog)
    library = Library(settings.folder, catalog, embedder, stores(settings), settings.lifecycle)
    return stack.enter_context(library)


def _tools(site: Site, ledger: Ledger, library: Library, screens: Screens) -> Tools:
    settings = IngestSettings(home=site.settings.home)

    def told(made: Sequence[Decision]) -> None:
        site.metrics.screened(made)
        tell_failures(made)

    return Tools(
        library=library,
        loader=site.stack.enter_context(Loader(workers=settings.readers, max_bytes=settings.max_file_bytes)),
        screens=screens,
        journal=LedgerJournal(ledger, told),
        sizes=Sizes(settings.chunk_target, settings.chunk_overlap),
        readers=settings.readers,
        batch=settings.publish_batch,
        prune_fraction=settings.prune_fraction,
        max_bytes=settings.max_file_bytes,
        cluster=partial(cluster, settings),
        embedder=partial(remembering, settings),
    )
