"""What the catalog notes of the index as a whole, and the index in figures."""

import uuid
from datetime import date
from pathlib import Path
from typing import Any

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.embedder import Embedder, fingerprint
from ingest.errors import EmbedderMismatch
from ingest.stores import FAMILY

CATALOG = "catalog"
STORE = "store"
EMBEDDER = "embedder"
DIMENSION = "dimension"
# What `stat` counts disk blocks in. Sizes would mislead: the store's files are sparse.
BLOCK = 512


def new_name(catalog: Catalog) -> str:
    """A store's. It holds its catalog's: one that shares a server removes its own stores alone."""
    if catalog.fact(CATALOG) is None:
        catalog.state(**{CATALOG: uuid.uuid4().hex[:8]})
    return f"{FAMILY}-{catalog.fact(CATALOG)}-{uuid.uuid4().hex[:8]}"


def new_facts(catalog: Catalog, embedder: Embedder) -> dict[str, str]:
    """Those of a new store for the vectors of `embedder`."""
    return {
        STORE: new_name(catalog),
        EMBEDDER: fingerprint(embedder),
        DIMENSION: str(embedder.dimension),
    }


def fitting(catalog: Catalog, embedder: Embedder) -> Embedder | None:
    """The embedder, if the index is its own or there is none."""
    known = catalog.fact(EMBEDDER)
    return embedder if known is None or known.startswith(f"{embedder.name} ") else None


def mismatch(catalog: Catalog, embedder: Embedder) -> EmbedderMismatch:
    """The error of an embedder that is not the index's."""
    known = (catalog.fact(EMBEDDER) or "").partition(" ")[0]
    return EmbedderMismatch(
        f"the index was built by {known}, and {embedder.name} is configured",
        "run `python -m ingest reindex`, or set PLUMBLINE_INGEST__EMBEDDER back",
    )


def figures(catalog: Catalog, folder: Path, embedder: Embedder) -> dict[str, Any]:
    """The index in figures, for its local administrator. `bytes` are on the disk of the data folder."""
    tenants = catalog.tenants()
    totals = [catalog.totals(Principal.administrator(tenant)) for tenant in tenants]
    files = (file for file in folder.rglob("*") if file.is_file())
    return {
        "documents": sum(count for count, _ in totals),
        "chunks": sum(chunks for _, chunks in totals),
        "tenants": len(tenants),
        "embedder": catalog.fact(EMBEDDER) or embedder.name,
        "store": catalog.fact(STORE) or "empty",
        **catalog.set_apart(date.today()),  # noqa: DTZ011  # the day here
        "bytes": sum(file.stat().st_blocks * BLOCK for file in files),
    }
