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
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ingest.store import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# Texts of unequal length, another shape each time: what was traced for one shape alone shows itself.
SAMPLES = (("one",), ("a text of some more words than that", "two"), ("three", "four " * 40, "five"))
# Cosines to torch's vectors, at least.
ALIKE = {"float32": 0.99999, "bfloat16": 0.995}
HINTS = {"float32": "f32", "bfloat16": "bf16"}
# What tracing, converting and compiling raise on networks that they do not understand.
REFUSALS = (ImportError, OSError, RuntimeError, TypeError, ValueError, AttributeError, KeyError, IndexError)


def accelerate(model: "SentenceTransformer", precision: str, name: str, folder: Path, lanes: int = 1) -> bool:
    """Let `model`, which is in float32 on the CPU, compute in `precision` through OpenVINO.

    As many threads as there are `lanes` may call it at a time; each has its part of the processor's cores.
    False if it cannot: the model is then as it was. Converting takes seconds; the result is kept in
    `folder` under `name`, which must change with the weights.
    """
    file = folder / f"{hashlib.sha256(name.encode()).hexdigest()[:16]}.xml"
    network: Any = getattr(model[0], "model", None)
    made: list[Vectors] = []
    try:
        wanted = [_vectors(model, texts) for texts in SAMPLES]
        network.forward = _compiled(model, precision, file, lanes)
        made = [_vectors(model, texts) for texts in SAMPLES]
    except REFUSALS:
        made.clear()
    if not made or not all(_alike(*both, ALIKE[precision]) for both in zip(wanted, made, strict=True)):
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


def _compiled(model: "SentenceTransformer", precision: str, file: Path, lanes: int) -> Callable[..., Any]:
    """The network's `forward`, compiled."""
    import torch  # noqa: PLC0415  # as in `ingest.embed`

    names = [key for key, value in model.preprocess(["one"]).items() if torch.is_tensor(value)]
    core = _core()
    if not file.exists():
        _convert(model, names, file)
    settings = {
        "INFERENCE_PRECISION_HINT": HINTS[precision],
        "INFERENCE_NUM_THREADS": torch.get_num_threads(),
        "NUM_STREAMS": lanes,
    }
    network = core.compile_model(core.read_model(file), "CPU", settings)
    mine = threading.local()

    def forward(**features: torch.Tensor | str) -> dict[str, Any]:
        if not hasattr(mine, "request"):
            mine.request = network.create_infer_request()
        given = [cast("torch.Tensor", features[key]).numpy() for key in names]
        # A copy: the request writes its next result over this one.
        return {"last_hidden_state": torch.from_numpy(mine.request.infer(given, share_inputs=True)[0].copy())}

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


def _convert(model: "SentenceTransformer", names: Sequence[str], file: Path) -> None:
    """Write the network to `file`: whole, or not at all."""
    import openvino  # noqa: PLC0415  # as above
    import torch  # noqa: PLC0415  # as above

    network = cast("Any", model[0].model)

    class Traced(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, *values: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.network(**dict(zip(names, values, strict=True))).last_hidden_state
            return hidden

    example = model.preprocess(list(SAMPLES[1]))
    with warnings.catch_warnings(), torch.inference_mode():
        warnings.simplefilter("ignore")  # tracing warns of every branch; the vectors are compared
        made = openvino.convert_model(Traced().eval(), example_input=tuple(example[key] for key in names))
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as draft:
        openvino.save_model(made, Path(draft) / file.name, compress_to_fp16=False)
        for kind in (".bin", ".xml"):  # complete once the description is there
            (Path(draft) / file.name).with_suffix(kind).replace(file.with_suffix(kind))
