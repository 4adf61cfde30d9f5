"""A transformer compiled by OpenVINO for this processor. The only module that imports `openvino`.

Measured beside torch (MiniLM, AVX512-bf16, one thread): batches in bfloat16 1.4 times as fast, a short
question in float32 twice. A network that cannot be compiled, or whose vectors differ, stays torch's.
"""

import hashlib
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ingest.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder, SentenceTransformer

# Texts of unequal length, another shape each time: what was traced for one shape alone shows itself.
SAMPLES = (("one",), ("a text of some more words than that", "two"), ("three", "four " * 40, "five"))
# Cosines to torch's vectors, at least; and what scores in [0, 1] may differ by.
ALIKE = {"float32": 0.99999, "bfloat16": 0.995}
APART = {"float32": 0.001, "bfloat16": 0.05}
HINTS = {"float32": "f32", "bfloat16": "bf16"}
# What tracing, converting and compiling raise on networks that they do not understand.
REFUSALS = (ImportError, OSError, RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError)


@dataclass(frozen=True, slots=True)
class _Work:
    """A network, what it reads, what it gives under the name `output`, and what comes of that for texts.

    `is_like` compares what torch made of some with what OpenVINO makes of them.
    """

    network: Any
    output: str
    example: Callable[[], dict[str, Any]]
    compute: Callable[[Sequence[str]], Vectors]
    is_like: Callable[[Vectors, Vectors], bool]
    lanes: int = 1


def accelerate(model: "SentenceTransformer", precision: str, name: str, folder: Path, lanes: int = 1) -> bool:
    """Let `model`, which is in float32 on the CPU, compute in `precision` through OpenVINO.

    As many threads as there are `lanes` may call it at a time; each has its part of the processor's cores.
    False if it cannot: the model is then as it was. Converting takes seconds; the result is kept in
    `folder` under `name`, which must change with the weights.
    """
    work = _Work(
        getattr(model[0], "model", None),
        "last_hidden_state",
        lambda: model.preprocess(list(SAMPLES[1])),
        lambda texts: _vectors(model, texts),
        lambda one, other: _alike(one, other, ALIKE[precision]),
        lanes,
    )
    return _accelerated(work, precision, name, folder)


def accelerate_pairs(model: "CrossEncoder", precision: str, name: str, folder: Path) -> bool:
    """As `accelerate`, for a model that reads two texts together and gives a score in [0, 1]."""
    work = _Work(
        getattr(model[0], "model", None),
        "logits",
        lambda: model.preprocess([("one", text) for text in SAMPLES[1]]),
        lambda texts: np.asarray(model.predict([("one", text) for text in texts]), np.float32),
        lambda one, other: bool(one.shape == other.shape and np.abs(one - other).max() <= APART[precision]),
    )
    return _accelerated(work, precision, name, folder)


def _accelerated(work: _Work, precision: str, name: str, folder: Path) -> bool:
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.xml"
    network, made = work.network, list[Vectors]()
    try:
        wanted = [work.compute(texts) for texts in SAMPLES]
        network.forward = _compiled(work, precision, file)
        made = [work.compute(texts) for texts in SAMPLES]
    except REFUSALS:
        made.clear()
    if not made or not all(work.is_like(*both) for both in zip(wanted, made, strict=True)):
        if network is not None:
            vars(network).pop("forward", None)
        _forget(file)
        return False
    for weight in network.parameters():
        weight.data = weight.data.new_empty(0)  # OpenVINO has its own
    return True


def _forget(file: Path) -> None:
    """It may be damaged: the next process converts anew."""
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _vectors(model: "SentenceTransformer", texts: Sequence[str]) -> Vectors:
    rows = model.encode_document(list(texts), show_progress_bar=False, normalize_embeddings=True)
    return np.asarray(rows, np.float32)


def _alike(one: Vectors, other: Vectors, least: float) -> bool:
    return bool(one.shape == other.shape and np.sum(one * other, axis=1).min() >= least)


def _compiled(work: _Work, precision: str, file: Path) -> Callable[..., Any]:
    """The network's `forward`, compiled."""
    import torch  # noqa: PLC0415  # as in `ingest.embed`

    example = {key: value for key, value in work.example().items() if torch.is_tensor(value)}
    core = _core()
    if not file.exists():
        _convert(work, example, file)
    settings = {
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": work.lanes,
    }
    network = core.compile_model(core.read_model(file), "CPU", settings)
    mine = threading.local()

    def forward(**features: torch.Tensor | str) -> dict[str, Any]:
        if not hasattr(mine, "request"):
            mine.request = network.create_infer_request()
        given = [cast("torch.Tensor", features[key]).numpy() for key in example]
        # A copy: the request writes its next result over this one.
        return {work.output: torch.from_numpy(mine.request.infer(given, share_inputs=True)[0].copy())}

    return forward


@cache
def _core() -> Any:  # noqa: ANN401  # the library has no types
    """One, to the end of the process.

    With the last of them its plugin would go, and take with it the memory on which the thread that compiled
    first handles signals: the next signal, as Ctrl-C or the SIGTERM that stops a server, would be a SIGSEGV.
    """
    # It would report every import and conversion to its maker: without this module it reports nothing.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # how one says "not there"
    import openvino  # noqa: PLC0415  # only who embeds pays

    return openvino.Core()


def _convert(work: _Work, example: dict[str, Any], file: Path) -> None:
    """Write the network to `file`: whole, or not at all."""
    import openvino  # noqa: PLC0415  # as above
    import torch  # noqa: PLC0415  # as above

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = work.network

        def forward(self, *values: torch.Tensor) -> torch.Tensor:
            made: torch.Tensor = self.network(**dict(zip(example, values, strict=True)))[work.output]
            return made

    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # tracing warns of every branch; the vectors are compared
        made = openvino.convert_model(Traced().eval(), example_input=tuple(example.values()))
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as draft:
        openvino.save_model(made, Path(draft) / file.name, compress_to_fp16=False)
        for kind in (".bin", ".xml"):  # complete once the description is there
            (Path(draft) / file.name).with_suffix(kind).replace(file.with_suffix(kind))
