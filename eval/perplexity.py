"""Perplexity: how well a model foretells held-out text, in bits per token.

Compare models of one tokenizer only: bits per token of another are bits of other tokens.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log

import torch
from torch.nn import functional

from eval.questions import Row
from eval.stats import Figure, ratio
from service.models import BaseModel
from service.prompts import messages

LONGEST = 512  # tokens that are read at once: their logits take 100 MB with a vocabulary of 50,000


@dataclass(frozen=True, slots=True)
class Stretch:
    """Tokens to be foretold, after tokens that are given (one at least)."""

    given: list[int]
    wanted: list[int]


@dataclass(frozen=True, slots=True)
class Perplexity:
    """`bits` per token with its interval by row; perplexity is two to the power of it."""

    bits: Figure
    tokens: int

    @property
    def value(self) -> Figure:
        """The perplexity itself."""
        bits = self.bits
        return Figure(2**bits.value, 2**bits.low, 2**bits.high, bits.n, bits.coverage)


def of_text(base: BaseModel, text: str) -> list[Stretch]:
    """A stretch a paragraph, longer ones cut; empty text has none."""
    tokenizer = base.tokenizer
    start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
    rows = []
    for paragraph in filter(str.strip, text.split("\n\n")):
        tokens: list[int] = tokenizer(paragraph.strip(), add_special_tokens=False)["input_ids"]
        rows += [Stretch([start], tokens[at : at + LONGEST]) for at in range(0, len(tokens), LONGEST)]
    return rows


def of_answers(base: BaseModel, rows: Iterable[Row]) -> list[Stretch]:
    """A stretch an answerable question: its first accepted answer, cited, after the service's own prompt."""
    stretches = []
    for row in rows:
        if row.gold:
            reply = f"{row.answers[0]} [{row.gold}]{base.tokenizer.eos_token}"
            wanted: list[int] = base.tokenizer(reply, add_special_tokens=False)["input_ids"]
            stretches.append(Stretch(base.prompt(messages(row.question, row.passages)), wanted))
    return stretches


def perplexity(base: BaseModel, stretches: Sequence[Stretch], watch: Callable[[int], None]) -> Perplexity:
    """Measure; `watch` hears how many stretches are done. None: 0 bits that rest on n=0."""
    bits = []
    for number, stretch in enumerate(stretches, start=1):
        bits.append(_bits(base, stretch))
        watch(number)
    counts = [len(stretch.wanted) for stretch in stretches]
    return Perplexity(ratio(bits, counts), sum(counts))


def _bits(base: BaseModel, stretch: Stretch) -> float:
    device = base.model.device
    tokens = torch.tensor([stretch.given + stretch.wanted[:-1]], device=device)
    wanted = torch.tensor(stretch.wanted, device=device)
    with torch.inference_mode():
        logits = base.model(tokens, logits_to_keep=len(wanted), use_cache=False).logits[0]
    return float(functional.cross_entropy(logits.float(), wanted, reduction="sum")) / log(2)
