"""How the arms of a comparison do, from what the ledger records of their answers. No text is read."""

from dataclasses import dataclass

from sqlalchemy import case, func, select

from service.ledger import Ledger
from service.split import Arm
from service.tables import answers, feedback


@dataclass(frozen=True, slots=True)
class ArmFigures:
    """An adapter on one side: its answers, shares of them (0 to 1), and their last ratings."""

    arm: Arm
    model: str
    answers: int
    refused: float
    grounded: float
    blocked: float
    up: int
    down: int


def arms(ledger: Ledger, since: str) -> list[ArmFigures]:
    """Every arm's figures since that time (as the ledger writes it), all tenants together.

    What was in no comparison is left out, evaluations among it; of groundedness, refusals too.

    Raises:
        LedgerFault: the ledger cannot be read.
    """
    last = select(func.max(feedback.c.id)).group_by(feedback.c.answer_id)
    rated = answers.outerjoin(
        feedback, (feedback.c.answer_id == answers.c.answer_id) & feedback.c.id.in_(last)
    )
    wanted = select(
        answers.c.arm,
        answers.c.model,
        func.count().label("answers"),
        func.avg(case((answers.c.refused, 1.0), else_=0.0)).label("refused"),
        func.avg(case((answers.c.refused.is_(False), answers.c.grounded))).label("grounded"),
        func.avg(case((answers.c.finish_reason == "content_filter", 1.0), else_=0.0)).label("blocked"),
        func.sum(case((feedback.c.rating == "up", 1), else_=0)).label("up"),
        func.sum(case((feedback.c.rating == "down", 1), else_=0)).label("down"),
    )
    wanted = wanted.select_from(rated).where(answers.c.arm != "", answers.c.created_at >= since)
    grouped = wanted.group_by(answers.c.arm, answers.c.model).order_by(answers.c.arm, answers.c.model)
    with ledger.transaction() as connection:
        rows = connection.execute(grouped).all()
    return [
        ArmFigures(
            row.arm,
            row.model,
            int(row.answers),
            round(float(row.refused), 4),
            round(float(row.grounded or 0.0), 4),
            round(float(row.blocked), 4),
            int(row.up),
            int(row.down),
        )
        for row in rows
    ]
