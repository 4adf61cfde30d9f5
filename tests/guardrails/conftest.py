import pytest

from guardrails.build import shipped_judge
from ingest.embed import SentenceEmbedder


@pytest.fixture(scope="session")
def encoder():
    """The real embedder, loaded once: similarity can't be faked."""
    return SentenceEmbedder()


@pytest.fixture(scope="session")
def judge():
    """The shipped encoder, loaded once."""
    return shipped_judge()
