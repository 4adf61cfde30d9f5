"""How fast a folder comes into the index, beside the bare embedder on the same chunks in the same process.

The whole way, as `python -m ingest sync` goes it: reader processes, the rails of the shipped policy, models
that are loaded on the way, the search index at the end. Processor seconds stand beside the clock's, for
machines that do something else meanwhile. Then the same folder again, unchanged.

    .venv/bin/python -m tests.bench.ingestion ../shared/data/corpus/handbook
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from guardrails.build import build_guard
from guardrails.settings import GuardrailsSettings
from guardrails.shelf import Assignments
from ingest.access import Access
from ingest.catalog import Catalog
from ingest.chunk import Sizes
from ingest.edge import EdgeStore
from ingest.embedder import Embedder
from ingest.embedders import configured
from ingest.folder import Properties
from ingest.library import Library
from ingest.load import Loader
from ingest.order import Order, Tools
from ingest.scan import Root
from ingest.screen import NO_SCREENS, PolicyScreens
from ingest.settings import IngestSettings
from ingest.store import Vectors
from ingest.sync import sync

GOAL = 0.85


class Noted:
    """An embedder that keeps the texts it was given, and how long it took over them."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder, self.name = embedder, embedder.name
        self.texts: list[str] = []
        self.seconds = 0.0

    @property
    def dimension(self) -> int:
        return self.embedder.dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        began = time.perf_counter()
        try:
            return self.embedder.encode(texts)
        finally:
            self.texts += texts
            self.seconds += time.perf_counter() - began

    def encode_query(self, text: str) -> Vectors:
        return self.embedder.encode_query(text)


class Watched:
    """Seconds on the clock, and of processor time of this process and of those it started and ended."""

    def __enter__(self) -> Self:
        self.began, self.spent = time.perf_counter(), _processor()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds, self.processor = time.perf_counter() - self.began, _processor() - self.spent

    def __str__(self) -> str:
        return f"{self.seconds:7.1f} s {self.processor:7.1f} processor s"


def main() -> None:
    """Measure, and print a line for each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", help="what to sync")
    parser.add_argument("--no-rails", action="store_true", help="leave the document rails out")
    given = parser.parse_args()
    order = Order((Root.of(given.folder),), Properties(Access("default")))
    with tempfile.TemporaryDirectory() as home:
        settings = IngestSettings(home=Path(home))
        noted = Noted(configured(settings))
        with Watched() as whole, ExitStack() as stack:
            made = tools(stack, settings, noted, rails=not given.no_rails)
            report = sync(made, order)
            made.library.optimize()
        with Watched() as bare:
            noted.embedder.encode(noted.texts)
        with Watched() as again, ExitStack() as stack:
            second = sync(tools(stack, settings, noted, rails=not given.no_rails), order)
    rate, best = report.chunks / whole.seconds, report.chunks / bare.seconds
    _tell(f"{report.added} documents, {report.chunks} chunks; {len(report.skipped + report.failed)} refused")
    _tell(f"end to end         {rate:8.1f} chunks/s {whole}")
    _tell(f"the bare embedder  {best:8.1f} chunks/s {bare}")
    _tell(f"ratio              {rate / best:8.3f} (goal {GOAL}); it was embedding for {noted.seconds:.1f} s")
    _tell(f"again, unchanged   {again.seconds:8.2f} s for {second.unchanged} documents")


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201  # a bench prints


def tools(stack: ExitStack, settings: IngestSettings, embedder: Embedder, *, rails: bool) -> Tools:
    """As the command line's, for as long as the stack lasts."""
    settings.folder.mkdir(exist_ok=True)
    library = Library(settings.folder, Catalog(settings.catalog), embedder, EdgeStore)
    loader = Loader(workers=settings.readers, max_bytes=settings.max_file_bytes)
    screens = PolicyScreens(
        Assignments.of(GuardrailsSettings()), lambda policy: build_guard(policy, embedder)
    )
    return Tools(
        library=stack.enter_context(library),
        loader=stack.enter_context(loader),
        screens=screens if rails else NO_SCREENS,
        sizes=Sizes(settings.chunk_target, settings.chunk_overlap),
        readers=settings.readers,
        batch=settings.publish_batch,
        max_bytes=settings.max_file_bytes,
    )


def _processor() -> float:
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


if __name__ == "__main__":
    main()
