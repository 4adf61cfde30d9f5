import pytest
import torch
from transformers import AutoTokenizer

from service.models import packaged_folder
from service.settings import ServiceSettings
from tests.finetune.shapes import shape, vocabulary


@pytest.fixture(scope="session")
def tokenizer():
    return AutoTokenizer.from_pretrained(str(packaged_folder(ServiceSettings().cache)))


@pytest.fixture(scope="session")
def words():
    """A small vocabulary: with one of the usual size, nearly all of a small model is its last layer."""
    return vocabulary()


@pytest.fixture
def tiny(tokenizer):
    """A real Llama, small and untrained, in full precision."""
    return shape("llama", tokenizer)


@pytest.fixture
def one_thread():
    """For small models: faster, and sums are the same to the last bit as in another process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
