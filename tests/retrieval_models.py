"""Tiny untrained models, as sentence-transformers saves them: real ones would take seconds each."""

from pathlib import Path

import torch
from sentence_transformers import CrossEncoder, SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import AutoTokenizer, BertConfig, BertForSequenceClassification, BertModel

from ingest.embed import packaged_folder

WIDTH = 32


def _config(**named):
    return BertConfig(
        hidden_size=WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        initializer_range=0.2,  # else it says the same of everything
        **named,
    )


def _saved(network, folder: Path) -> Path:
    network.save_pretrained(folder)
    AutoTokenizer.from_pretrained(packaged_folder()).save_pretrained(folder)
    return folder


def tiny_embedder(folder: Path) -> Path:
    """An embedder of 32 numbers and two layers in `folder`."""
    torch.manual_seed(3)
    bert = _saved(BertModel(_config()), folder / "bert")
    model = SentenceTransformer(modules=[Transformer(str(bert)), Pooling(WIDTH)], device="cpu")
    model.save_pretrained(str(folder / "embedder"), create_model_card=False)
    return folder / "embedder"


def tiny_reranker(folder: Path) -> Path:
    """A cross-encoder of the same size in `folder`."""
    torch.manual_seed(3)
    bert = _saved(BertForSequenceClassification(_config(num_labels=1)), folder / "bert")
    CrossEncoder(str(bert), device="cpu").save_pretrained(str(folder / "reranker"), create_model_card=False)
    return folder / "reranker"
