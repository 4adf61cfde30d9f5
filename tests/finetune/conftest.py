import pytest
import torch
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from service.models import BaseModel, packaged_folder
from service.settings import ServiceSettings


@pytest.fixture(scope="session")
def tokenizer():
    return AutoTokenizer.from_pretrained(str(packaged_folder(ServiceSettings().cache)))


@pytest.fixture
def tiny(tokenizer):
    """A real Llama, small and untrained, in full precision."""
    torch.manual_seed(3)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=48,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=6,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    )
    return BaseModel("tiny", LlamaForCausalLM(config).eval(), tokenizer)
