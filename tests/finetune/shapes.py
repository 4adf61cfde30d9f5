"""Small untrained models of different families, in full precision, with the packaged model's tokenizer."""

import torch
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
)

from service.models import BaseModel

SIZES = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 6}
FAMILIES = {
    "llama": (LlamaConfig, {"num_key_value_heads": 2, "tie_word_embeddings": True}),
    "qwen2": (Qwen2Config, {"num_key_value_heads": 3}),
    "gpt-neox": (GPTNeoXConfig, {}),
    "mistral": (MistralConfig, {"num_key_value_heads": 2, "sliding_window": 64}),
}


def shape(family, tokenizer):
    """The same weights at each call."""
    torch.manual_seed(3)
    made, more = FAMILIES[family]
    config = made(vocab_size=len(tokenizer), max_position_embeddings=4096, **SIZES | more)
    model = AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").float().eval()
    return BaseModel(family, model, tokenizer)


def kept(base, folder):
    """The folder of `base`, as `[finetune] model` names one."""
    base.model.save_pretrained(folder)
    base.tokenizer.save_pretrained(folder)
    return folder


def read(folder):
    """A model of a folder in the precision of the file."""
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    return BaseModel(folder.name, model, AutoTokenizer.from_pretrained(folder))
