"""BLEU (Papineni et al., 2002) and chrF (Popović, 2015), as sacrebleu has them: shared words and letters.

Not RAGAS's BleuScore: it splits the reference at ". " and gives its sentences to sacrebleu as alternatives,
so that an answer of two sentences fails and one of the reference's sentences counts as all of it.
"""

from collections.abc import Sequence

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from eval.metrics.given import compared
from eval.metrics.rowwise import Rowwise

# Answers are short: longer sequences than they have are left out, rather than making them 0.
_BLEU, _CHRF = BLEU(effective_order=True), CHRF()


def sentence_bleu(answer: str, accepted: Sequence[str]) -> float:
    """In [0, 1], against all accepted answers at once. No words: 0."""
    return float(_BLEU.sentence_score(answer, accepted).score) / 100


def sentence_chrf(answer: str, accepted: Sequence[str]) -> float:
    """In [0, 1], against the best accepted answer. No letters: 0."""
    return float(_CHRF.sentence_score(answer, accepted).score) / 100


def bleu() -> Rowwise:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""
    return compared("bleu", sentence_bleu)


def chrf() -> Rowwise:
    """The metric. No answer given: 0. Questions that cannot be answered, or without answers: no score."""
    return compared("chrf", sentence_chrf)
