"""The embedder that the settings name."""

from functools import cache

from ingest.embed import SentenceEmbedder
from ingest.embedder import Embedder
from ingest.settings import IngestSettings
from ingest.vector_cache import CachedEmbedder

# One, however often a folder that is watched is synced: models take seconds to load.
_made = cache(SentenceEmbedder)


def configured(settings: IngestSettings) -> Embedder:
    """The configured embedder. Nothing is loaded before it is used."""
    converted = settings.cache / "openvino" if settings.runtime == "auto" else None
    return _made(settings.embedder, settings.precision, settings.embed_tokens, converted)


def remembering(settings: IngestSettings) -> Embedder:
    """The configured embedder with the data folder's cache of vectors, for whoever writes to the index."""
    embedder = configured(settings)
    limit = settings.vector_cache_bytes
    return CachedEmbedder(embedder, settings.folder, limit) if limit else embedder
