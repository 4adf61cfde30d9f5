"""Sentence-transformers' cross-encoders as rerankers.

A folder may hold its weights packed in eight bits a number (`guardrails.weights`), as ours ship: they are
unpacked once, into the folder of converted models.
"""

import hashlib
import json
import shutil
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from guardrails import weights
from guardrails.errors import ModelError
from ingest.compiled import accelerate_pairs
from ingest.embed import digest, fastest
from ingest.errors import RerankerUnavailable
from ingest.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

PACKED, WEIGHTS = "model.int8.safetensors", "model.safetensors"
# How it is to be used, beside the model: {"weight", "tokens"}.
USE = "reranker.json"
WEIGHT, TOKENS = 1.0, 160
# Pairs read in one pass: of like length, so that little is padded.
TOGETHER = 10
# Lengths are multiples of it: every new shape costs compiled kernels and memory.
STEP = 32


class CrossEncoderReranker:
    """A model that reads question and passage together. Nothing is loaded before the first question.

    It knows the first `tokens` of a pair only.
    """

    def __init__(self, model: str | Path, cache: Path, runtime: str = "auto") -> None:
        """`model` is a folder, or a Hugging Face name; `cache` the folder of converted models.

        On a CPU OpenVINO computes it, where it can; with the runtime `torch`, torch alone.

        Raises:
            RerankerUnavailable: the folder's `reranker.json` cannot be read.
        """
        self._folder, self._cache, self._runtime = Path(model).expanduser(), cache, runtime
        is_folder = self._folder.is_dir()
        self._source = str(self._folder) if is_folder else str(model)
        self.name = f"{self._folder.name}@{digest(self._folder)}" if is_folder else self._source
        use = _use(self._folder / USE)
        self.weight = float(use.get("weight", WEIGHT))
        self._tokens = int(use.get("tokens", TOKENS))
        self._model: CrossEncoder | None = None
        self._turn = threading.Lock()  # tokenizers must not be shared

    def scores(self, question: str, texts: Sequence[str]) -> Vectors:
        """(len(texts),) float32 in [0, 1].

        Raises:
            RerankerUnavailable: the model cannot be loaded.
        """
        if not texts:
            return np.empty(0, dtype=np.float32)
        with self._turn:
            model = self._model = self._model or self._load()
            found = model.predict(
                [(question, text) for text in texts],
                batch_size=TOGETHER,
                show_progress_bar=False,
                processing_kwargs={"text": {"pad_to_multiple_of": STEP}},
            )
        return np.asarray(found, dtype=np.float32)

    def _load(self) -> "CrossEncoder":
        precision = fastest()
        try:
            source = self._unpacked() if (self._folder / PACKED).exists() else self._source
            # A Hugging Face name does not change with the weights.
            if self._runtime == "auto" and self._name_is_of_weights():
                model = _cross_encoder(source, "float32", self._tokens)
                if model.device.type == "cpu" and accelerate_pairs(
                    model, precision, self.name, self._cache / "openvino"
                ):
                    return model
            return _cross_encoder(source, precision, self._tokens)
        except (OSError, ValueError, RuntimeError, ModelError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise RerankerUnavailable(
                f"the reranker {self._source!r} cannot be loaded ({reason})",
                'set PLUMBLINE_SERVICE__RERANKER to a folder of `finetune reranker`, or to ""',
            ) from error

    def _name_is_of_weights(self) -> bool:
        return self.name != self._source

    def _unpacked(self) -> str:
        """The folder of the unpacked model; made whole, or not at all."""
        place = self._cache / "rerankers" / hashlib.sha256(self.name.encode()).hexdigest()[:16]
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = Path(tempfile.mkdtemp(dir=place.parent))
            try:
                for file in self._folder.glob("*.json"):
                    shutil.copy(file, draft)
                state = weights.unpack(weights.read(self._folder / PACKED))
                weights.write(state, draft / WEIGHTS, {"format": "pt"})
                draft.rename(place)
            except OSError:
                if not place.exists():  # else another process was quicker
                    raise
            finally:
                shutil.rmtree(draft, ignore_errors=True)
        return str(place)


def _use(file: Path) -> dict[str, float]:
    if not file.exists():
        return {}
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise RerankerUnavailable(f"{file} cannot be read", "restore it, or train the model anew") from error


def _cross_encoder(source: str, precision: str, tokens: int) -> "CrossEncoder":
    import torch  # noqa: PLC0415  # seconds to import: only who reranks pays
    from sentence_transformers import CrossEncoder  # noqa: PLC0415  # as above
    from transformers.utils import logging  # noqa: PLC0415  # as above

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers types it so
    model: CrossEncoder = CrossEncoder(
        source,
        model_kwargs={"dtype": getattr(torch, precision)},
        trust_remote_code=False,
        num_labels=1,
        max_length=tokens,
        activation_fn=torch.nn.Sigmoid(),
    )
    return model
