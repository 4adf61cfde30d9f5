import pytest
from transformers import AutoTokenizer

from service.models import packaged_folder
from service.settings import ServiceSettings


@pytest.fixture(scope="session")
def tokenizer():
    return AutoTokenizer.from_pretrained(str(packaged_folder(ServiceSettings().cache)))
