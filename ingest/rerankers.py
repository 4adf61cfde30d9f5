"""The order of passages that a setting names."""

from ingest.reranker import AS_FOUND, Order, Reranked
from ingest.settings import IngestSettings


def ordered(model: str, settings: IngestSettings) -> Order:
    """That of the search, or that of the reranker `model`: a folder, or a Hugging Face name.

    The model is loaded now, so that no question waits for it.

    Raises:
        RerankerUnavailable: it cannot be.
    """
    if not model:
        return AS_FOUND
    from ingest.cross_encoder import CrossEncoderReranker  # noqa: PLC0415  # for those who want one

    reranker = CrossEncoderReranker(model, settings.cache, settings.runtime)
    reranker.scores("warm", ["warm"])
    return Reranked(reranker)
