"""The embedders that the settings name."""

from functools import lru_cache

from ingest.embed import AS_IT_IS, PACKAGED, SentenceEmbedder
from ingest.embedder import Embedder
from ingest.recipe import Recipe
from ingest.remote_embedder import RemoteEmbedder
from ingest.settings import IngestSettings
from ingest.vector_cache import CachedEmbedder

# The index's and the rails', however often a folder that is watched is synced: models take seconds to load.
_made = lru_cache(maxsize=2)(SentenceEmbedder)
_connected = lru_cache(maxsize=2)(RemoteEmbedder)


def configured(settings: IngestSettings) -> Embedder:
    """The configured embedder. Nothing is loaded before it is used."""
    return _embedder(settings, settings.embedder, settings.recipe)


def remembering(settings: IngestSettings, name: str | None = None) -> Embedder:
    """The configured embedder, or the one of another name, with the data folder's cache of vectors.

    For whoever writes to the index.
    """
    embedder = _embedder(settings, name or settings.embedder, settings.recipe)
    limit = settings.vector_cache_bytes
    return CachedEmbedder(embedder, settings.folder, limit) if limit else embedder


def fitted(settings: IngestSettings) -> Embedder:
    """The embedder that the rails' thresholds were fitted with, whatever the index's is."""
    return _local(settings, PACKAGED, AS_IT_IS)


def _embedder(settings: IngestSettings, name: str, recipe: Recipe) -> Embedder:
    if settings.embedder_url is not None:
        return _connected(settings.embedder_url, name, settings.embedder_key, recipe)
    return _local(settings, name, recipe)


def _local(settings: IngestSettings, name: str, recipe: Recipe) -> Embedder:
    converted = settings.cache / "openvino" if settings.runtime == "auto" else None
    return _made(name, settings.precision, settings.embed_tokens, converted, recipe)
