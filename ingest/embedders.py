"""The embedder that the settings name."""

from ingest.embed import SentenceEmbedder
from ingest.embedder import Embedder
from ingest.settings import IngestSettings
from ingest.vector_cache import CachedEmbedder


def configured(settings: IngestSettings) -> Embedder:
    """The configured embedder. Nothing is loaded before it is used."""
    converted = settings.cache / "openvino" if settings.runtime == "auto" else None
    return SentenceEmbedder(settings.embedder, settings.precision, settings.embed_tokens, converted)


def remembering(settings: IngestSettings) -> Embedder:
    """The configured embedder with the data folder's cache of vectors, for whoever writes to the index."""
    embedder = configured(settings)
    limit = settings.vector_cache_bytes
    return CachedEmbedder(embedder, settings.folder, limit) if limit else embedder
