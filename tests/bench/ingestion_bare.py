"""The embedder alone, for `ingestion_peers.py`: all chunks of an index, embedded in one call."""

import json
import time

from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.edge import EdgeStore
from ingest.embedders import configured
from ingest.facts import DIMENSION, STORE
from ingest.settings import IngestSettings
from ingest.store import embedded_text


def main() -> None:
    """Embed what the data folder of PLUMBLINE_HOME holds; print chunks and seconds."""
    settings = IngestSettings()
    catalog = Catalog(settings.catalog)
    store = EdgeStore(settings.folder / str(catalog.fact(STORE)), int(catalog.fact(DIMENSION) or 0))
    texts = [embedded_text(point) for point in store.points(Principal.administrator(), ())]
    store.close()
    catalog.close()
    embedder = configured(settings)
    embedder.encode(["warm"] * 4)
    began = time.perf_counter()
    embedder.encode(texts)
    print(json.dumps({"chunks": len(texts), "seconds": time.perf_counter() - began}))  # noqa: T201  # a bench prints


if __name__ == "__main__":
    main()
