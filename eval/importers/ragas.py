"""RAGAS test sets, JSON Lines or CSV → questions. Its contexts are texts, not documents, and stay behind.

Today's columns are `user_input` and `reference`; older files say `question` and `ground_truth`, or
`ground_truths` with a list.
"""

import hashlib
from pathlib import Path

from eval.dataset import Kind, Question
from eval.errors import BadQuestions
from eval.importers.rows import Row, rows

# The names of its query synthesizers, and of the evolutions that older versions had.
SEVERAL = ("multi_hop", "multi_context")


def read(path: Path) -> list[Question]:
    """The questions of a test set. Raises `BadQuestions`, naming line and column."""
    return [_question(row) for row in rows(path)]


def _question(row: Row) -> Question:
    asked = row.text("user_input", "question")
    told = str(row.fields.get("synthesizer_name") or row.fields.get("evolution_type") or "")
    kind: Kind = "multi_passage" if any(name in told for name in SEVERAL) else "factual"
    name = hashlib.sha256(asked.encode()).hexdigest()[:12]
    return row.question(
        id=str(row.fields.get("id") or f"ragas-{name}"),
        question=asked,
        answers=_answers(row),
        kind=kind,
        source="ragas",
    )


def _answers(row: Row) -> tuple[str, ...]:
    several = row.fields.get("ground_truths")
    if isinstance(several, list):
        if not all(isinstance(answer, str) for answer in several):
            raise BadQuestions(f"{row.place}, column ground_truths: not a list of texts")
        return tuple(several)
    return (row.text("reference", "ground_truth", "ground_truths"),)
