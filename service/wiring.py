"""The composition root: settings → the real clients, put together. Nothing else builds them."""

import gc
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from guardrails.build import build_guard
from guardrails.guard import Guard
from guardrails.policy import DEFAULT_POLICY, Policy, load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.verdict import Stage
from ingest import catalog as catalogs
from ingest.chunk import Sizes
from ingest.edge import EdgeStore
from ingest.embed import SentenceEmbedder
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Tools
from ingest.screen import LazyScreen
from ingest.settings import IngestSettings
from service.auth import Authenticator, BearerAuth, Issuer, NoAuth
from service.claims import ClaimMap
from service.conversations import Conversations
from service.counters import Counters
from service.dialogue import Dialogue
from service.engines import Site, open_engines
from service.jobs import Jobs, Stop
from service.jwks import KeySet, fetch
from service.keys import Keyring
from service.ledger import Ledger, sqlite_url
from service.pipeline import Pipeline, Recorder
from service.quotas import Quotas, Spending
from service.resources import Resources
from service.retrieve import Retriever
from service.settings import ServiceSettings
from service.startup import Startup
from service.telemetry import Metrics
from service.tokens import Provider, Tokens


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
        ledger = open_ledger(settings)
        stack.callback(ledger.close)
        policy = load_policy(GuardrailsSettings().policy or DEFAULT_POLICY)
        ingestion = IngestSettings(home=settings.home)
        tools = _tools(stack, ingestion, policy, _embedder(ingestion))
        redis = settings.limits_url.get_secret_value() if settings.limits_url else None
        quotas = Quotas(settings, Counters(redis))
        conversations = Conversations(
            ledger.transaction, settings.conversation_days, settings.conversation_turns
        )
        records = _Records(Spending(ledger, quotas), Dialogue(conversations))
        stop = Stop()
        site = Site(settings, stack, Metrics(), stop)
        yield Resources(
            settings=settings,
            tools=tools,
            ledger=ledger,
            conversations=conversations,
            authenticator=_authenticator(settings, ledger),
            quotas=quotas,
            startup=Startup(lambda: _ready(site, tools, records, policy), on_failure),
            jobs=Jobs(ledger, tools, settings.folder, stop),
            metrics=site.metrics,
            stop=stop,
            token=token,
        )


def open_ledger(settings: ServiceSettings) -> Ledger:
    """The ledger that the settings name; the data folder is made for it."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    return Ledger(settings.ledger_url or sqlite_url(settings.folder / "ledger.db"))


def _authenticator(settings: ServiceSettings, ledger: Ledger) -> Authenticator:
    if settings.auth == "off":
        return NoAuth()
    issuers: list[Issuer] = [Keyring(ledger)] if settings.auth == "keys" else []
    if settings.auth == "oidc" or settings.oidc_issuer:
        provider = Provider.of(settings)
        keys = KeySet(lambda: fetch(provider.jwks_url), settings.oidc_refetch)
        issuers.append(Tokens(provider, keys, ClaimMap.of(settings)))
    return BearerAuth(*issuers)


def _ready(site: Site, tools: Tools, records: _Records, policy: Policy) -> Pipeline:
    """The pipeline, with everything loaded that a first question would otherwise wait for."""
    tools.library.open()
    tools.library.optimize()
    guard = build_guard(policy, tools.library.embedder)
    pipeline = _pipeline(site, tools.library, guard, records)
    tools.library.embedder.encode_query("warm")
    # Millions of objects that stay for good: a full collection over them stops an answer for a second,
    # and the one at the end holds up the process for several.
    gc.collect()
    gc.freeze()
    return pipeline


def _pipeline(site: Site, library: Library, guard: Guard, records: _Records) -> Pipeline:
    engines = open_engines(site)
    retriever = Retriever(library, guard)
    return Pipeline(
        guard, retriever, engines.generator, engines.adapters, engines.count, *records, site.settings
    )


def _embedder(settings: IngestSettings) -> SentenceEmbedder:
    return SentenceEmbedder(settings.embedder, settings.precision, settings.embed_batch)


def _tools(stack: ExitStack, settings: IngestSettings, policy: Policy, embedder: SentenceEmbedder) -> Tools:
    catalog = catalogs.Catalog(settings.catalog_url or catalogs.sqlite_url(settings.folder / "catalog.db"))
    library = stack.enter_context(Library(settings.folder, catalog, embedder, EdgeStore))
    loader = stack.enter_context(Loader(max_bytes=settings.max_file_bytes))
    # As `python -m ingest` does it: a change of other stages' rails does not concern the index.
    policy = policy.model_copy(update={"stages": {Stage.DOCUMENT: policy.rules(Stage.DOCUMENT)}})
    return Tools(
        library=library,
        loader=loader,
        screen=LazyScreen(lambda: build_guard(policy, embedder)),
        policy=policy.version,
        sizes=Sizes(settings.chunk_target, settings.chunk_overlap),
        batch=settings.publish_batch,
        prune_fraction=settings.prune_fraction,
        max_bytes=settings.max_file_bytes,
    )
