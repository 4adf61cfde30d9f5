"""The embedder that the settings name."""

from ingest.embed import SentenceEmbedder
from ingest.embedder import Embedder
from ingest.settings import IngestSettings


def configured(settings: IngestSettings) -> Embedder:
    """The configured embedder. Nothing is loaded before it is used."""
    converted = settings.cache / "openvino" if settings.runtime == "auto" else None
    return SentenceEmbedder(settings.embedder, settings.precision, settings.embed_tokens, converted)
