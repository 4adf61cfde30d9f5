"""Small untrained models of different families, in full precision, and a small vocabulary."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPTNeoXConfig,
    LlamaConfig,
    MistralConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
)

from service.models import BaseModel
from service.prompts import INSTRUCTIONS

SIZES = {"hidden_size": 48, "intermediate_size": 96, "num_hidden_layers": 2, "num_attention_heads": 6}
FAMILIES = {
    "llama": (LlamaConfig, {"num_key_value_heads": 2, "tie_word_embeddings": True}),
    "qwen2": (Qwen2Config, {"num_key_value_heads": 3}),
    "gpt-neox": (GPTNeoXConfig, {}),
    "mistral": (MistralConfig, {"num_key_value_heads": 2, "sliding_window": 64}),
}


TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def vocabulary():
    """A tokenizer of few tokens, all of whose texts it can still write."""
    words = Tokenizer(models.BPE())
    words.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words.decoder = decoders.ByteLevel()
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=600, special_tokens=special, initial_alphabet=alphabet, show_progress=False
    )
    words.train_from_iterator(
        [INSTRUCTIONS, "What is the code of room? Nothing else is known. Who lives?"], trainer
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words, eos_token="<|im_end|>", pad_token="<|endoftext|>", chat_template=TEMPLATE
    )


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
