"""The encoder as the rails see it: a text in, a probability for each kind of violation out.

One pass over a text serves every rail that asks about it. Knows nothing of stages, policies and wordings.
"""

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Self

import numpy as np
import torch
from numpy.typing import NDArray

from guardrails import weights
from guardrails.calibration import probability
from guardrails.disguise import readings
from guardrails.errors import ModelError
from guardrails.judge import HEADS, Judgement
from guardrails.sentences import Span
from guardrails.tokens import Tokens, Window
from guardrails.transformer import Shape, Transformer

DEFAULT_WEIGHTS = Path(__file__).parent / "models" / "encoder.safetensors"
PAD = 32
"""Lengths are multiples of it: every new shape costs compiled kernels and memory."""
_TOGETHER = 8  # windows that are read at once
_REMEMBERED = 64
_SHORT = 128  # tokens
LEVELS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
"""Shares of innocent texts for which the file says from which logit on they are judged violations."""
_SCALE = ("calibration", "innocent")

Logits = NDArray[np.float32]


class Scale(NamedTuple):
    """How logits become probabilities, and what they cost.

    `calibration` is (heads, 3): slope, weight of the number of windows' logarithm, bias. `innocent` is
    (heads, LEVELS): the calibrated logit that such a share of innocent texts exceeds.
    """

    calibration: Logits
    innocent: Logits

    @classmethod
    def plain(cls) -> Self:
        """Logits as they are, which cost nothing that is known."""
        slope = np.tile(np.array([1, 0, 0], dtype=np.float32), (len(HEADS), 1))
        return cls(slope, np.zeros((len(HEADS), len(LEVELS)), dtype=np.float32))

    def calibrated(self, logits: Logits, windows: int) -> Logits:
        """Return calibrated logits (heads,) for the largest ones of so many windows."""
        slope, crowd, bias = self.calibration.T
        return np.asarray(slope * logits + crowd * math.log(windows) + bias, dtype=np.float32)


class Worst(NamedTuple):
    """Each head's largest logit (heads,), the characters that have it, and how many windows were read."""

    logits: Logits
    spans: tuple[Span, ...]
    windows: int


class Classifier:
    """The encoder with its tokenizer and its scale."""

    def __init__(self, network: Transformer, tokens: Tokens, scale: Scale) -> None:
        self._network = network.to(precision()).eval()
        self._tokens = tokens
        self._scale = scale
        self._alone, self._unhurried = _one_thread("short"), _one_thread("unhurried")
        self._seen: OrderedDict[str, Mapping[str, Judgement]] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def load(cls, file: Path = DEFAULT_WEIGHTS) -> Self:
        """Read the shipped encoder.

        Raises:
            ModelError: a file is missing or damaged, or holds other heads.
        """
        state = weights.unpack(weights.read(file))
        try:
            scale = Scale(*(state.pop(name).numpy().reshape(len(HEADS), -1) for name in _SCALE))
            network = Transformer(len(HEADS), Shape.of(state))
            network.load_state_dict(state)
        except (KeyError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"{file}: weights of another network. Train it: python -m finetune rail."
            ) from error
        return cls(network, Tokens.load(), scale)

    def judge(self, text: str, *, waits: bool = True) -> Mapping[str, Judgement]:
        """Return a judgement for each of `HEADS`; the last few texts' are remembered.

        Where nobody `waits` one thread reads: others are at work then, and two took four times as much of the
        processor, most of it to wait for each other.
        """
        with self._lock:
            known = self._seen.get(text)
            if known is not None:
                self._seen.move_to_end(text)
                return known
        judged = self._judged(text) if waits else self._unhurried.submit(self._judged, text).result()
        with self._lock:
            self._seen[text] = judged
            while len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        return judged

    def threshold_at(self, head: str, false_positives: float) -> float:
        """The probability from which on at most this share of innocent texts is judged a violation."""
        costs = self._scale.innocent[HEADS.index(head)]
        return probability(float(np.interp(math.log(false_positives), np.log(LEVELS), costs)))

    def worst(self, texts: Sequence[str]) -> list[Worst]:
        """Return what shows most in each of `texts`, and in what is hidden in it."""
        parts = [self._parts(text) for text in texts]
        logits = self.logits([part.tokens for found in parts for part in found])
        ends = np.cumsum([len(found) for found in parts])
        return [
            _worst(found, logits[end - len(found) : end], text)
            for text, found, end in zip(texts, parts, ends, strict=True)
        ]

    def _parts(self, text: str) -> list[Window]:
        hidden = [
            Window(window.tokens, reading.span)
            for reading in readings(text)
            for window in self._tokens.windows(reading.text)
        ]
        return [*self._tokens.windows(text), *hidden]

    def logits(self, rows: Sequence[Sequence[int]]) -> Logits:
        """Return an array of shape (len(rows), heads) for token numbers."""
        found = np.empty((len(rows), len(HEADS)), dtype=np.float32)
        order = sorted(range(len(rows)), key=lambda place: len(rows[place]))
        for width, alike in groupby(order, key=lambda place: -(-len(rows[place]) // PAD) * PAD):
            for places in _batches(list(alike)):
                padded = torch.tensor([[*rows[place], *[0] * (width - len(rows[place]))] for place in places])
                found[places] = self._read(padded)
        return found

    def _read(self, padded: torch.Tensor) -> Logits:
        """The network's logits (rows, heads). A short text is read by one thread, away from its siblings."""
        if padded.numel() <= _SHORT:
            return self._alone.submit(self._pass, padded).result()
        return self._pass(padded)

    def _pass(self, padded: torch.Tensor) -> Logits:
        with torch.inference_mode():
            return np.asarray(self._network(padded).float().numpy())

    def _judged(self, text: str) -> Mapping[str, Judgement]:
        (worst,) = self.worst([text])
        calibrated = self._scale.calibrated(worst.logits, worst.windows)
        return {
            head: Judgement(probability(float(logit)), span)
            for head, logit, span in zip(HEADS, calibrated, worst.spans, strict=True)
        }


def _batches(places: Sequence[int]) -> Iterator[list[int]]:
    return (list(places[start : start + _TOGETHER]) for start in range(0, len(places), _TOGETHER))


def _worst(parts: Sequence[Window], logits: Logits, text: str) -> Worst:
    if not parts:
        return Worst(np.full(len(HEADS), -np.inf, dtype=np.float32), ((0, len(text)),) * len(HEADS), 1)
    spans = tuple(parts[place].span for place in logits.argmax(axis=0))
    return Worst(logits.max(axis=0), spans, len(parts))


def save(network: Transformer, scale: Scale, file: Path, facts: Mapping[str, str]) -> None:
    """Write the file that `Classifier.load` reads, with `facts` in its header."""
    parts = zip(_SCALE, scale, strict=True)
    weights.save(
        network.state_dict() | {name: torch.from_numpy(part.ravel()) for name, part in parts}, file, facts
    )


@cache
def _one_thread(name: str) -> ThreadPoolExecutor:
    """A thread whose products are its own: on a busy machine, each of several waits for one without a core.

    At 50 tokens and a load of 5: 4.2 ms at the median and 9 at most, by two threads 7 and 134.
    """
    usual = torch.get_num_threads()
    alone = ThreadPoolExecutor(1, f"encoder-{name}", torch.set_num_threads, (1,))
    alone.submit(torch.get_num_threads).result()
    torch.set_num_threads(usual)  # for threads that are yet to come: the count of the last call is theirs
    return alone


@cache
def precision() -> torch.dtype:
    """What this processor multiplies fastest."""
    able = torch.cpu.get_capabilities()
    return torch.bfloat16 if able.get("avx512_bf16") or able.get("amx_bf16") else torch.float32
