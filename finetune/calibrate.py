"""How readily an adapter refuses: a constant on the refusal's first token, chosen on held-out questions.

Training teaches which questions to refuse; the constant sets the trade between refusing what the
passages do not hold and refusing what they do. It is kept in the adapter's folder; the embedded engine adds
it to the first token's score, and so does vLLM with deploy/vllm/first_token.py.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch

from eval.questions import Row
from service.calibration import CALIBRATION
from service.models import BaseModel
from service.prompts import REFUSAL, messages


def leanings(base: BaseModel, rows: Sequence[Row], watch: Callable[[int], None]) -> list[float]:
    """By how much each row's first token leans to the refusal: its score less the best other one's."""
    token = first_token(base)
    found = []
    for number, row in enumerate(rows, start=1):
        tokens = torch.tensor([base.prompt(messages(row.question, row.passages))], device=base.model.device)
        with torch.inference_mode():
            scores = base.model(input_ids=tokens, logits_to_keep=1).logits[0, -1].float()
            own = float(scores[token])
            scores[token] = float("-inf")
        found.append(own - float(scores.max()))
        watch(number)
    return found


def choose(rows: Sequence[Row], leaning: Sequence[float], most: float) -> float:
    """The largest constant with which at most the share `most` of the answerable rows is refused."""
    answerable = [lean for row, lean in zip(rows, leaning, strict=True) if row.kind == "answerable"]
    return round(-float(np.quantile(answerable, 1.0 - most)), 3)


def refused(rows: Sequence[Row], leaning: Sequence[float], bias: float) -> dict[str, float]:
    """The share of each kind of row that is refused with the constant `bias`."""
    kinds = sorted({row.kind for row in rows})
    leans = {kind: [x for row, x in zip(rows, leaning, strict=True) if row.kind == kind] for kind in kinds}
    return {kind: round(float(np.mean([x + bias > 0 for x in leans[kind]])), 3) for kind in kinds}


def write(folder: Path, bias: float, readings: int) -> None:
    """Keep the constant, and how often the adapter reads, beside its weights."""
    word = REFUSAL.split(maxsplit=1)[0]
    kept = {"first_token": {word: bias}, "readings": readings}
    (folder / CALIBRATION).write_text(json.dumps(kept) + "\n")


def first_token(base: BaseModel) -> int:
    """The token that a refusal begins with."""
    return int(base.tokenizer(REFUSAL, add_special_tokens=False)["input_ids"][0])
