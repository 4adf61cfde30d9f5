"""Which vector stores the settings ask for: Edge's in the data folder, or a Qdrant server's."""

from ingest.edge import EdgeStore
from ingest.settings import IngestSettings
from ingest.stores import OpenStore, Stores


def stores(settings: IngestSettings) -> Stores | OpenStore:
    """Those of a composition root. Nothing is opened, and no server asked, yet."""
    if settings.qdrant_url is None:
        return EdgeStore
    from ingest.qdrant import QdrantServer  # noqa: PLC0415  # a second to import: only who has a server pays

    return QdrantServer.of(settings.qdrant_url, settings)
