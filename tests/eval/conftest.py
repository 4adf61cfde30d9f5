import pytest
import structlog
from transformers import AutoTokenizer

from service.models import packaged_folder
from service.settings import ServiceSettings


@pytest.fixture(autouse=True)
def logs_as_ever():
    """Commands set the logs up for a process of their own; tests share one, whose streams are closed."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def tokenizer():
    return AutoTokenizer.from_pretrained(str(packaged_folder(ServiceSettings().cache)))
