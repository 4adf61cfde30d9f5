"""Readings → passes through a model: with shared passages where the model allows it, else a question each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from finetune.datasets.readings import Reading, Shown, answered
from finetune.training import attention
from finetune.training.apart import apart
from finetune.training.packing import Packed, pack, prompt
from service.models import BaseModel

# What a model is tried with: questions of different lengths, so that there are two blocks.
_LONGER = "In which town, of all the towns that there are in the whole country, is the office?"
_TRIAL = Reading(
    (Shown("Leave > Days", "Staff get 27 days of leave."), Shown("", "The office is in Turku.")),
    (answered("How many days of leave do staff get?", "27 days", 1), answered(_LONGER, "Turku", 2)),
)
# How far, in parts of their size, logits may lie apart that are computed in two ways in bfloat16: they do by
# 0.02. With another mask they do by 0.4 and more, whether the model is trained or not.
_CLOSE = 0.1


@dataclass(frozen=True, slots=True)
class Passes:
    """How readings go through one model; `most` is the number of questions in a pass."""

    tokenizer: PreTrainedTokenizerBase
    shared: bool
    most: int

    @classmethod
    def through(cls, base: BaseModel, most: int) -> "Passes":
        """The cheapest way through `base`, whose attention is set for it.

        Raises:
            CannotTrain: its tokenizer has no chat template.
        """
        shared = fits(base)
        if shared:
            base.model.set_attn_implementation(attention.NAME)
        return cls(base.tokenizer, shared, most)

    def of(self, readings: Sequence[Reading]) -> list[Packed]:
        """All questions of `readings`, each once."""
        if self.shared:
            return [each for reading in readings for each in pack(reading, self.tokenizer, self.most)]
        return [*apart(readings, self.tokenizer, self.most)]


def logits(model: torch.nn.Module, packed: Packed) -> Tensor:
    """Logits (replies, vocabulary) where loss is borne.

    Only these rows go through the vocabulary projection, which would dominate otherwise.
    """
    given: Tensor = model(**packed.inputs, logits_to_keep=packed.bearing, use_cache=False).logits
    return given.view(-1, given.shape[-1]).float()


def fits(base: BaseModel) -> bool:
    """Whether `base` computes the same with shared passages as with each question on its own.

    It is asked, not its name: a model may leave this interface aside, bias its attention by distance, or have
    a tokenizer that joins what stands on both sides of the seam. `base` is left as it was.
    """
    if _windowed(base) or not _seamless(base.tokenizer):
        return False
    alone = torch.cat(_tried(base, [*apart([_TRIAL], base.tokenizer, 1)])[::-1])  # the longest comes first
    before = str(base.model.config._attn_implementation)  # noqa: SLF001  # there is no public name to read it by
    try:
        base.model.set_attn_implementation(attention.NAME)
        together = torch.cat(_tried(base, pack(_TRIAL, base.tokenizer)))
    except (TypeError, ValueError, RuntimeError, AttributeError):
        return False  # what a foreign model makes of an attention that it does not know
    finally:
        base.model.set_attn_implementation(before)
    return bool((together - alone).norm() / alone.norm() < _CLOSE)


def _windowed(base: BaseModel) -> bool:
    """Whether some layer looks back over less than everything, which the trial would be too short to show."""
    kinds = set(getattr(base.model.config, "layer_types", None) or ())
    return bool(getattr(base.model.config, "sliding_window", None) or kinds - {"full_attention"})


def _seamless(tokenizer: PreTrainedTokenizerBase) -> bool:
    before, after = prompt(_TRIAL, tokenizer)
    rest = f" {_LONGER}{after}"
    first, second, both = (
        tokenizer(text, add_special_tokens=False)["input_ids"] for text in (before, rest, before + rest)
    )
    return bool(first + second == both)


@torch.no_grad()
def _tried(base: BaseModel, passes: Iterable[Packed]) -> list[Tensor]:
    return [logits(base.model, each.on(base.model.device)) for each in passes]
