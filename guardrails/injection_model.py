"""The injection classifier's weights: one hidden layer over embedding and features, and its calibration."""

import math
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

import numpy as np

from guardrails.calibration import probability
from guardrails.errors import ModelError
from guardrails.injection_features import WIDTH
from guardrails.rail import Vectors

DEFAULT_MODEL = Path(__file__).parent / "models" / "injection.npz"


@dataclass(frozen=True, slots=True)
class InjectionModel:
    """Weights of a perceptron with one hidden layer of rectifiers.

    `hidden` is (dimension + WIDTH, units), `output` is (units,). `calibration` holds slope, weight of the
    logarithm of the number of windows, and bias: many windows are many chances to be wrong.
    """

    hidden: Vectors
    hidden_bias: Vectors
    output: Vectors
    output_bias: Vectors
    calibration: Vectors

    @classmethod
    def load(cls, file: Path = DEFAULT_MODEL) -> Self:
        """Read the weights.

        Raises:
            ModelError: the file is missing, damaged, or has weights for other features.
        """
        try:
            with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as content:
                model = cls(**{name: content[name].astype(np.float32) for name in cls.__slots__})
        except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
            raise ModelError(
                f"{file}: no injection model ({type(error).__name__}). Restore it or train it."
            ) from error
        if model.hidden.shape[1] != model.output.shape[0] or model.hidden.shape[0] <= WIDTH:
            raise ModelError(f"{file}: weights of other features. Train it again: python -m finetune rail.")
        return model

    def save(self, file: Path) -> None:
        """Write the weights to `file` (.npz)."""
        np.savez_compressed(file, **{name: getattr(self, name) for name in self.__slots__})

    @property
    def dimension(self) -> int:
        """Length of the embeddings that it was trained on."""
        return int(self.hidden.shape[0]) - WIDTH

    def logits(self, vectors: Vectors, features: Vectors) -> Vectors:
        """Return an array of shape (n,) for `vectors` (n, dimension) and `features` (n, WIDTH).

        Raises:
            ModelError: the vectors come from an encoder of another dimension.
        """
        if vectors.shape[1] != self.dimension:
            raise ModelError(
                f"The injection model reads embeddings of {self.dimension} numbers, the encoder gives "
                f"{vectors.shape[1]}. Train it for this encoder: python -m finetune rail."
            )
        layer = np.maximum(np.hstack([vectors, features]) @ self.hidden + self.hidden_bias, 0)
        return np.asarray(layer @ self.output + self.output_bias, dtype=np.float32)

    def probability(self, logit: float, windows: int) -> float:
        """Probability in [0, 1] that a text is an attack, from its worst window's logit."""
        slope, crowd, bias = (float(number) for number in self.calibration)
        return probability(slope * logit + crowd * math.log(windows) + bias)
