"""What the actors of a Ray cluster are made of: a composition root, as `__main__` is for this process."""

from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from guardrails.policy import Policy
from guardrails.verdict import Stage
from ingest.embedder import Embedder
from ingest.embedders import configured, fitted
from ingest.engine import Engine
from ingest.errors import Misuse
from ingest.load import Loader
from ingest.screen import LazyScreen, Screen
from ingest.settings import IngestSettings


def cluster(settings: IngestSettings) -> Engine:
    """The engine that `--engine ray` names.

    Raises:
        Misuse: Ray is not installed.
    """
    if find_spec("ray") is None:
        raise Misuse("Ray is not installed", "install the extra `ray`, or sync with --engine local")
    from ingest.ray_engine import Makers, OnRay  # noqa: PLC0415  # optional, and seconds to import

    embedder = partial(configured, settings)
    loader = partial(Loader, max_bytes=settings.max_file_bytes)
    makers = Makers(loader, partial(_screen, partial(fitted, settings)), embedder)
    return OnRay(makers, settings.ray_workers, settings.ray_gpus, settings.ray_address)


def _screen(embedder: Callable[[], Embedder], policy: Policy) -> Screen:
    return LazyScreen(lambda: _guard(embedder, policy))


def _guard(embedder: Callable[[], Embedder], policy: Policy) -> Screen:
    from guardrails.build import build_guard  # noqa: PLC0415  # seconds to import: only who screens pays

    return build_guard(policy.at(Stage.DOCUMENT), embedder())
