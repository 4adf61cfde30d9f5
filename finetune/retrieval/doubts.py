"""How well a reranker tells questions that a passage answers from those that it only seems to answer."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from eval.questions import Row, read_rows
from finetune.rails.learners import auc
from ingest.reranker import Reranker

_ALL = 1_000_000


def doubtful(file: Path) -> list[Row]:
    """The questions of a SQuAD v2 file, each with its own passage alone.

    Raises:
        BadQuestions: the file is not in SQuAD v2's layout.
    """
    return read_rows(file, _ALL, 0, distractors=0)


def told_apart(reranker: Reranker, rows: Sequence[Row]) -> dict[str, float]:
    """The chance that a question's passage scores higher where it holds an answer; of how many questions."""
    shown = [f"{row.passages[0].heading}\n{row.passages[0].text}" for row in rows]
    scores = [reranker.scores(row.question, [text])[0] for row, text in zip(rows, shown, strict=True)]
    answers = np.array([row.kind == "answerable" for row in rows])
    return {"auc": auc(answers, np.array(scores, dtype=np.float32)), "n": len(rows)}
