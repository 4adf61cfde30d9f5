"""The questions that tell an adapter's quality, and those that its constants may be chosen on: rows alike.

Each is shown with its own passage among four hard distractors. Some are asked over five passages of other
articles, the nearest too.
"""

from pathlib import Path

from eval.distractors import HardDistractors
from eval.errors import BadQuestions
from eval.questions import Row, read_rows
from eval.settings import EvalSettings
from ingest.embedder import Embedder

DISTRACTORS = 4
_OTHER_SEED = 8


def measured_rows(questions: Path, settings: EvalSettings, embedder: Embedder) -> list[Row]:
    """What `eval adapter` asks: `eval.questions` of the file, and `eval.unrelated` over other articles.

    Raises BadQuestions, as `read_rows`; EmbedderUnavailable.
    """
    hard = HardDistractors(embedder)
    return read_rows(questions, settings.questions, settings.unrelated, DISTRACTORS, choose=hard)


def fewer(rows: list[Row], count: int) -> list[Row]:
    """The first `count` of these rows and a third as many unrelated ones: what is slow is asked less."""
    unrelated = [row for row in rows if row.kind == "unrelated"]
    own = [row for row in rows if row.kind != "unrelated"]
    return own[:count] + unrelated[: count // 3]


def unmeasured_rows(questions: Path, count: int, settings: EvalSettings, embedder: Embedder) -> list[Row]:
    """Up to `count` other rows of the file, none unrelated: no question of theirs is in `measured_rows`.

    Raises:
        BadQuestions: every question is measured; or as `read_rows`.
    """
    measured = {row.question for row in read_rows(questions, settings.questions, settings.unrelated)}
    most = count + settings.questions + settings.unrelated
    rows = read_rows(questions, most, 0, DISTRACTORS, _OTHER_SEED, HardDistractors(embedder))
    left = [row for row in rows if row.question not in measured][:count]
    if not left:
        raise BadQuestions(
            f"{questions}: all of its questions are measured, so none is left to choose on; "
            "name a larger file, or lower eval.questions for both"
        )
    return left
