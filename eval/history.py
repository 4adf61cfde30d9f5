"""The history: every night's figures, and what was changed from one to the next. In SQL; never a text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Row, delete, insert, select

from eval.errors import HistoryFault
from eval.results import Measured, Results
from eval.schema import HISTORY
from eval.settings import EvalSettings
from eval.tables import figures, runs
from ingest.database import PATIENCE, Database
from ingest.home import home

PRAGMAS = {"synchronous": "NORMAL"}
Changes = Mapping[str, tuple[str | None, str | None]]


@dataclass(frozen=True, slots=True)
class Point:
    """A run in the history. `changed`: what differs from the run before it, as (was, is)."""

    run: str
    night: str
    at: str
    verdict: str
    late: bool
    fingerprint: Mapping[str, str | None]
    figures: Mapping[str, Measured]
    changed: Changes


def point(results: Results, night: str, verdict: str, *, late: bool = False) -> Point:
    """A run as the history keeps it; what was changed is known when it stands among others."""
    fingerprint = dict(results.run.fingerprint) | {"questions": results.run.dataset.version}
    return Point(results.run.id, night, results.run.at, verdict, late, fingerprint, results.metrics, {})


def annotated(points: Sequence[Point]) -> list[Point]:
    """The points, the oldest first, each with what was changed since the one before."""
    found: list[Point] = []
    for each in points:
        before = found[-1].fingerprint if found else each.fingerprint
        found.append(
            Point(
                each.run,
                each.night,
                each.at,
                each.verdict,
                each.late,
                each.fingerprint,
                each.figures,
                _changes(before, each.fingerprint),
            )
        )
    return found


def _changes(before: Mapping[str, str | None], now: Mapping[str, str | None]) -> dict[str, Any]:
    names = dict.fromkeys([*before, *now])
    return {name: (before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)}


class History:
    """The runs of all tenants in a SQL database. Every method may raise `HistoryFault`."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        """Open the database at `url` and bring its schema up to date."""
        self._database = Database(url, "history", HistoryFault, PRAGMAS, patience)
        self._database.migrate(HISTORY)

    @classmethod
    def of(cls, settings: EvalSettings) -> Self:
        """The history that the settings name; the data folder is made for it."""
        home(settings.folder)
        return cls(settings.history)

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def remember(self, tenant: str, results: Results, night: str, verdict: str, *, late: bool) -> None:
        """Keep a run, once: what was kept of it, or of another run for the same night, is replaced."""
        with self._database.begin() as connection:
            known = select(runs.c.run).where(runs.c.tenant == tenant, runs.c.night == night)
            old = [*connection.scalars(known), results.run.id]
            for table in (figures, runs):
                connection.execute(delete(table).where(table.c.tenant == tenant, table.c.run.in_(old)))
            row = _row(tenant, results, night, verdict) | {"late": late}
            connection.execute(insert(runs).values(**row))
            rows = [_figure(tenant, results.run.id, *each) for each in results.metrics.items()]
            if rows:
                connection.execute(insert(figures), rows)

    def points(self, tenant: str, most: int = 60) -> list[Point]:
        """The last runs of a tenant, the oldest first, each with what was changed since the one before."""
        newest = (
            select(runs).where(runs.c.tenant == tenant).order_by(runs.c.night.desc(), runs.c.at.desc())
        ).limit(most)
        with self._database.begin() as connection:
            found = list(connection.execute(newest))[::-1]
            wanted = select(figures).where(
                figures.c.tenant == tenant, figures.c.run.in_([row.run for row in found])
            )
            held: dict[str, dict[str, Measured]] = {}
            for each in connection.execute(wanted):
                held.setdefault(each.run, {})[each.metric] = Measured.model_validate(dict(each._mapping))  # noqa: SLF001  # SQLAlchemy's public name
        return annotated([_point(row, held.get(row.run, {})) for row in found])


def _row(tenant: str, results: Results, night: str, verdict: str) -> dict[str, Any]:
    run = results.run
    return {
        "tenant": tenant,
        "run": run.id,
        "night": night,
        "at": run.at,
        "dataset": run.dataset.name,
        "version": run.dataset.version,
        "questions": run.dataset.rows,
        "verdict": verdict,
        "fingerprint": dict(run.fingerprint),
        "seconds": run.seconds,
    }


def _figure(tenant: str, run: str, metric: str, figure: Measured) -> dict[str, Any]:
    kept = figure.model_dump(include={"value", "low", "high", "n", "coverage", "better"})
    return {"tenant": tenant, "run": run, "metric": metric, **kept}


def _point(row: Row[Any], held: Mapping[str, Measured]) -> Point:
    fingerprint = dict(row.fingerprint) | {"questions": row.version}
    return Point(row.run, row.night, row.at, row.verdict, row.late, fingerprint, held, {})
