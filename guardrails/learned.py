"""What the rails have in common that ask the encoder about a whole text and nothing else."""

from guardrails.judge import Judge
from guardrails.rail import Inspection
from guardrails.verdict import Action, Finding


def judged(judge: Judge, rail: str, text: str, reason: str) -> Inspection:
    """Return what `judge` says of `text` under the head that is called like the rail."""
    if not text.strip():
        return Inspection(score=0.0)
    score, span = judge.judge(text)[rail]
    return Inspection((Finding(rail, rail, Action.BLOCK, score, *span, reason),), score)
