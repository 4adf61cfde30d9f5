"""How readily an adapter refuses: constants on the refusal's first token, chosen on held-out questions.

Training teaches which questions to refuse; the constants set the trade between refusing what the passages do
not hold and refusing what they do. They are kept in the adapter's folder (`service.calibration`), and the
engine adds them where an answer begins. Where the adapter reads what is pointed at, its own leaning is
weighed together with what speaks against an answer there: of the questions that both judgements get wrong
alone, they get many right together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from eval.questions import Row
from finetune.rails.learners import logistic
from service.calibration import Calibration, Pointed
from service.models import BaseModel
from service.prompts import Source, messages
from service.reading import FIRST_WORD
from service.scrutiny import Scrutiny

_LEAST = 1e-6  # a score that never varies tells nothing


@dataclass(frozen=True, slots=True)
class Leaning:
    """By how much a row's readings lean to the refusal: its first token's score less the best other one's.

    `every` is of all passages, `near` of what is pointed at; `lack` is what speaks against an answer there.
    """

    kind: str
    every: float
    near: float
    lack: float


def leanings(
    base: BaseModel, rows: Sequence[Row], scrutiny: Scrutiny, watch: Callable[[int], None]
) -> list[Leaning]:
    """Both ways to read every row, as `service.reading` has them; `watch` hears how many are done."""
    found = []
    for number, row in enumerate(rows, start=1):
        point = scrutiny.point(row.question, row.passages)
        every, near = (_leaning(base, row.question, shown) for shown in (row.passages, [point.near]))
        found.append(Leaning(row.kind, every, near, point.lack))
        watch(number)
    return found


def calibrated(found: Sequence[Leaning], most: float, by: str) -> Calibration:
    """Constants with which about the share `most` of the answerable rows is refused, either way.

    `by` is the name of the model that pointed; where it is empty, the adapter reads all passages.
    """
    answerable = [lean for lean in found if lean.kind == "answerable"]
    constant = _constant([lean.every for lean in answerable], most)
    if not by:
        return Calibration(constant)
    lacking = _lacking(found)
    together = _constant([lean.near + lacking * lean.lack for lean in answerable], most)
    return Calibration(constant, Pointed(by, together, lacking))


def refused(found: Sequence[Leaning], manner: Calibration) -> dict[str, float]:
    """The share of each kind of row that is refused in this manner."""
    kinds = sorted({lean.kind for lean in found})
    return {
        kind: round(float(np.mean([_refuses(lean, manner) for lean in found if lean.kind == kind])), 3)
        for kind in kinds
    }


def _refuses(lean: Leaning, manner: Calibration) -> bool:
    if manner.pointed:
        return lean.near + manner.pointed.lean(lean.lack) > 0
    return lean.every + manner.constant > 0


def _lacking(found: Sequence[Leaning]) -> float:
    """How much a unit of lack counts, in units of the adapter's own leaning; never below nothing."""
    judged = [lean for lean in found if lean.kind in {"answerable", "adversarial"}]
    if len({lean.kind for lean in judged}) == 1:
        return 0.0
    inputs = np.array([(lean.near, lean.lack) for lean in judged], dtype=np.float32)
    scale = inputs.std(axis=0) + _LEAST
    fitted, _ = logistic(inputs / scale, np.array([lean.kind == "adversarial" for lean in judged]))
    by_leaning, by_lack = (float(each) for each in fitted / scale)
    return round(max(0.0, by_lack / by_leaning), 3) if by_leaning > 0 else 0.0


def _constant(leanings: Sequence[float], most: float) -> float:
    """The largest constant with which at most the share `most` of these is refused."""
    return round(-float(np.quantile(leanings, 1.0 - most)), 3) if leanings else 0.0


@torch.inference_mode()
def _leaning(base: BaseModel, question: str, passages: Sequence[Source]) -> float:
    """Of the first token, by `Leaning`."""
    ahead = torch.tensor([base.prompt(messages(question, passages))], device=base.model.device)
    scores = base.model(input_ids=ahead, use_cache=False, logits_to_keep=1).logits[0, -1].float()
    refusal = base.first_token(FIRST_WORD)
    own = float(scores[refusal])
    scores[refusal] = float("-inf")
    return own - float(scores.max())
