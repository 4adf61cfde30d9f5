"""How readily an adapter refuses: constants on the refusal's first token, chosen on held-out questions.

Training teaches which questions to refuse; the constants set the trade between refusing what the passages do
not hold and refusing what they do. They are kept in the adapter's folder (`service.calibration`), and the
engine adds them where an answer begins. Where the adapter reads twice, the second reading's is weighed by
what else tells against the answer that the first one found (`service.scrutiny`): of the questions that all
judgements get wrong alone, they get many right together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from transformers import DynamicCache

from eval.questions import Row
from finetune.rails.learners import logistic
from service.calibration import ONCE, TWICE, Calibration, Doubt
from service.citations import numbers
from service.models import BaseModel
from service.prompts import Source, messages
from service.reading import FIRST_WORD
from service.scrutiny import Scrutiny, Signs

_MOST_TOKENS = 48
# Of the answerable questions, what the first reading may refuse: it refuses what is clearly not there.
_FIRST_SHARE = 0.01
_LEAST = 1e-6
_NONE = Signs(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Leaning:
    """By how much a row's readings lean to the refusal: its first token's score less the best other one's.

    `second` and `signs` are of the passage that the first reading cites when it must answer; None where it
    cites no one passage.
    """

    kind: str
    first: float
    second: float | None = None
    signs: Signs = _NONE


def leanings(
    base: BaseModel, rows: Sequence[Row], scrutiny: Scrutiny, watch: Callable[[int], None]
) -> list[Leaning]:
    """Both readings of every row, as `service.reading` does them; `watch` hears how many are done."""
    found = []
    for number, row in enumerate(rows, start=1):
        found.append(_lean(base, row, scrutiny))
        watch(number)
    return found


def calibrated(found: Sequence[Leaning], most: float, readings: int, models: Scrutiny) -> Calibration:
    """Constants with which about the share `most` of the answerable rows is refused, at all readings.

    `models` are those that gave the signs.
    """
    if readings == ONCE:
        return Calibration(ONCE, _constant([lean.first for lean in _answerable(found)], most))
    first = _constant([lean.first for lean in _answerable(found)], _FIRST_SHARE)
    open_ = [lean for lean in found if lean.first + first <= 0 and lean.second is not None]
    weights = _weights(open_)
    # What the first reading has refused is gone already.
    gone = sum(lean.first + first > 0 for lean in _answerable(found))
    left = max(0.0, most * len(_answerable(found)) - gone) / max(1, len(_answerable(open_)))
    second = _constant([lean.second or 0.0 for lean in _answerable(open_)], left)
    both = _constant([_together(lean, weights) for lean in _answerable(open_)], left)
    asked = models.answerability if weights.lack else ""
    return Calibration(
        TWICE, first, second, Doubt(models.embedder, both, weights.distance, asked, weights.lack)
    )


def refused(found: Sequence[Leaning], manner: Calibration) -> dict[str, float]:
    """The share of each kind of row that is refused in this manner."""
    kinds = sorted({lean.kind for lean in found})
    return {
        kind: round(float(np.mean([_refuses(lean, manner) for lean in found if lean.kind == kind])), 3)
        for kind in kinds
    }


def _refuses(lean: Leaning, manner: Calibration) -> bool:
    if lean.first + manner.first > 0:
        return True
    if manner.readings == ONCE or lean.second is None:
        return False
    if manner.doubt is None:
        return lean.second + manner.second > 0
    weights = Signs(manner.doubt.weight, manner.doubt.lacking)
    return _together(lean, weights) + manner.doubt.constant > 0


def _together(lean: Leaning, weights: Signs) -> float:
    told = sum(weight * sign for weight, sign in zip(weights, lean.signs, strict=True))
    return (lean.second or 0.0) + told


def _weights(found: Sequence[Leaning]) -> Signs:
    """How much a unit of each sign counts, in units of the second reading's leaning; never below nothing."""
    judged = [lean for lean in found if lean.kind in {"answerable", "adversarial"}]
    if len({lean.kind for lean in judged}) == 1:
        return _NONE
    inputs = np.array([(lean.second, *lean.signs) for lean in judged], dtype=np.float32)
    scale = inputs.std(axis=0) + _LEAST  # a sign that never varies tells nothing
    fitted, _ = logistic(inputs / scale, np.array([lean.kind == "adversarial" for lean in judged]))
    by_leaning, *by_signs = fitted / scale
    if by_leaning <= 0:
        return _NONE
    return Signs(*(round(max(0.0, float(each / by_leaning)), 3) for each in by_signs))


def _constant(leanings: Sequence[float], most: float) -> float:
    """The largest constant with which at most the share `most` of these is refused."""
    return round(-float(np.quantile(leanings, 1.0 - most)), 3) if leanings else 0.0


def _answerable(found: Sequence[Leaning]) -> list[Leaning]:
    return [lean for lean in found if lean.kind == "answerable"]


def _lean(base: BaseModel, row: Row, scrutiny: Scrutiny) -> Leaning:
    first, answer = _forced(base, row.question, row.passages, _MOST_TOKENS)
    cited = set(numbers(answer))
    number = cited.pop() if len(cited) == 1 else 0
    if not 1 <= number <= len(row.passages):
        return Leaning(row.kind, first)
    passage = row.passages[number - 1]
    second, _ = _forced(base, row.question, [passage], 0)
    return Leaning(row.kind, first, second, scrutiny.signs(row.question, answer, passage))


def _forced(base: BaseModel, question: str, passages: Sequence[Source], most: int) -> tuple[float, str]:
    """The leaning to the refusal, and the likeliest answer of at most `most` tokens if it must not refuse."""
    refusal, cache = base.first_token(FIRST_WORD), DynamicCache()
    ahead = torch.tensor([base.prompt(messages(question, passages))], device=base.model.device)
    written: list[int] = []
    with torch.inference_mode():
        scores = _scores(base, ahead, cache)
        own = float(scores[refusal])
        scores[refusal] = float("-inf")
        lean = own - float(scores.max())
        while len(written) < most and (token := int(scores.argmax())) != base.tokenizer.eos_token_id:
            written.append(token)
            scores = _scores(base, torch.tensor([[token]], device=base.model.device), cache)
    return lean, str(base.tokenizer.decode(written, skip_special_tokens=True))


def _scores(base: BaseModel, ahead: torch.Tensor, cache: DynamicCache) -> torch.Tensor:
    """The next token's scores (vocabulary,)."""
    out = base.model(input_ids=ahead, past_key_values=cache, use_cache=True, logits_to_keep=1)
    scores: torch.Tensor = out.logits[0, -1].float()
    return scores
