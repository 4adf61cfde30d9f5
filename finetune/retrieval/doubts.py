"""How well a reranker tells questions that a passage answers from those that it only seems to answer."""

from pathlib import Path

import numpy as np

from eval.questions import read_rows
from finetune.learners import auc
from ingest.reranker import Reranker

_ALL = 1_000_000


def told_apart(reranker: Reranker, questions: Path, most: int = _ALL) -> dict[str, float]:
    """By a SQuAD v2 file: the chance that a question's own passage scores higher where it holds an answer.

    Raises:
        BadQuestions: the file is not in SQuAD v2's layout.
    """
    rows = [row for row in read_rows(questions, most, 0, distractors=0) if row.passages]
    shown = [f"{row.passages[0].heading}\n{row.passages[0].text}" for row in rows]
    scores = [reranker.scores(row.question, [text])[0] for row, text in zip(rows, shown, strict=True)]
    answers = np.array([row.kind == "answerable" for row in rows])
    return {"auc": auc(answers, np.array(scores, dtype=np.float32)), "n": len(rows)}
