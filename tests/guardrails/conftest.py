import pytest

from ingest.embed import SentenceEmbedder


@pytest.fixture(scope="session")
def encoder():
    """The real embedder, loaded once: similarity can't be faked."""
    return SentenceEmbedder()
