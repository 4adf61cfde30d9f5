"""The composition root of evaluation: settings and the command line → what is asked, and what scores it."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from eval.audience import Audience, audiences
from eval.connection import connected
from eval.dataset import read_dataset
from eval.errors import NoKey
from eval.in_process import InProcess
from eval.keys import given, short_lived
from eval.measures import measures
from eval.outcome import Outcome
from eval.over_http import OverHttp
from eval.run import Finished, Order, Stages, Watch, evaluate
from eval.scoring import Scored, score
from eval.settings import EvalSettings
from eval.target import Target
from ingest.catalog import Catalog
from ingest.embedders import configured
from ingest.lock import Owner, claim
from ingest.settings import IngestSettings
from service.ledger import Ledger
from service.resources import Resources
from service.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where to ask: by `url` with keys that are given; or in the data folder of this machine.

    `patience`: seconds that a server may take until its next words.
    """

    model: str = "default"
    url: str | None = None
    key: str | None = None
    keys: Path | None = None
    patience: float = 300.0


def carry_out(order: Order, place: Place, watch: Watch, report: Callable[[Path], None]) -> Finished:
    """A whole run, with the real parts. Raises what `evaluate` and `reached` raise."""
    asking = audiences(read_dataset(order.dataset))
    return evaluate(order, Stages(partial(reached, place, asking), _scored, report, watch))


def _scored(outcomes: Sequence[Outcome]) -> Scored:
    """By every metric that the settings have the means for."""
    settings = IngestSettings()
    encoder = configured(settings)
    return score(outcomes, measures(EvalSettings(), encoder))


@asynccontextmanager
async def reached(place: Place, asking: Sequence[Audience], run: str) -> AsyncIterator[Target]:
    """The target, until the block ends: a server by its URL, the data folder's own, or its pipeline here.

    Raises:
        NoKey: nobody may ask there.
        GuardrailsError, IngestError, ServiceError: the data folder cannot be asked here.
    """
    with ExitStack() as stack:
        if place.url and (place.key or place.keys):
            url, keys = place.url, given(asking, place.key, place.keys)
        else:
            settings, ingestion = ServiceSettings(), IngestSettings()
            holder = claim(settings.folder, ingestion.lock_wait)
            if not isinstance(holder, Owner):
                stack.enter_context(holder)
            address = holder.address if isinstance(holder, Owner) else None
            if place.url and place.url.rstrip("/") != address:
                raise NoKey(
                    f"{place.url} is not the server of {settings.folder}: give a key with --key or --keys"
                )
            if address is None:
                yield InProcess(_opened(stack, settings), asking, run, place.model)
                return
            ledger = stack.enter_context(closing(Ledger.of(settings)))
            catalog = stack.enter_context(closing(Catalog(ingestion.catalog)))
            url, keys = address, stack.enter_context(short_lived(ledger, catalog, asking))
        async with connected(url, run, place.patience) as connection:
            yield OverHttp(connection, keys, place.model)


def _opened(stack: ExitStack, settings: ServiceSettings) -> Resources:
    from service.wiring import opened  # noqa: PLC0415  # seconds to import: not for who asks a server

    failures: list[Exception] = []
    parts = stack.enter_context(opened(settings, None, failures.append))
    parts.startup.start()
    parts.startup.wait()
    if failures:
        raise failures[0]
    return parts
