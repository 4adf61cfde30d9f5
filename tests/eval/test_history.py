"""The history: a row a night, kept once, with what was changed; on both databases."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from eval.errors import HistoryFault
from eval.history import History
from eval.results import DatasetOf, Manifest, Measured, Results
from eval.schema import MIGRATIONS
from eval.tables import HEAD, metadata
from ingest.settings import sqlite_url
from tests.postgres import BOTH

pytestmark = BOTH


def results(run="run-1", value=0.8, **fingerprint):
    manifest = Manifest(
        id=run,
        at="2026-11-21T02:17:00+00:00",
        dataset=DatasetOf(name="demo", version="v1", rows=62),
        fingerprint={"adapter": "a", "judge": None} | fingerprint,
    )
    figure = Measured(value=value, low=0.7, high=0.9, n=60, coverage=0.98, better="lower")
    return Results(run=manifest, metrics={"leaks": figure})


@pytest.fixture
def url(database, tmp_path, copy):
    return sqlite_url(tmp_path / "evaluation.db") if database == "sqlite" else copy("empty")


@pytest.fixture
def history(url):
    opened = History(url)
    yield opened
    opened.close()


def test_the_migrations_build_the_tables(url, history):
    engine = create_engine(url)
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": "eval_schema"})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    assert max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py")).startswith(HEAD)


def test_a_night_is_kept_with_its_figures(history):
    history.remember("acme", results(), "2026-11-21", "passed", late=True)
    (kept,) = history.points("acme")
    assert (kept.run, kept.night, kept.verdict, kept.late) == ("run-1", "2026-11-21", "passed", True)
    assert kept.fingerprint == {"adapter": "a", "judge": None, "questions": "v1"}
    assert kept.figures["leaks"].model_dump(include={"value", "n", "coverage", "better"}) == {
        "value": 0.8, "n": 60, "coverage": 0.98, "better": "lower"
    }  # fmt: skip


def test_a_night_is_kept_once_however_often_and_the_newest_run_counts(history):
    for run in ("run-1", "run-1", "run-2"):
        history.remember("acme", results(run), "2026-11-21", "passed", late=False)
    assert [point.run for point in history.points("acme")] == ["run-2"]


def test_nights_come_the_oldest_first_with_what_was_changed(history):
    history.remember("acme", results("r3", adapter="b", policy="p"), "2026-11-23", "passed", late=False)
    history.remember("acme", results("r1"), "2026-11-21", "passed", late=False)
    history.remember("acme", results("r2"), "2026-11-22", "passed", late=False)
    points = history.points("acme")
    assert [(point.run, point.changed) for point in points] == [
        ("r1", {}),
        ("r2", {}),
        ("r3", {"adapter": ("a", "b"), "policy": (None, "p")}),
    ]
    assert [point.run for point in history.points("acme", most=2)] == ["r2", "r3"]


def test_tenants_have_their_own(history):
    history.remember("acme", results(value=0.1), "2026-11-21", "passed", late=False)
    history.remember("other", results(value=0.2), "2026-11-21", "passed", late=False)
    assert history.points("acme")[0].figures["leaks"].value == 0.1
    assert history.points("nobody") == []


def test_a_history_of_a_newer_version_is_a_clear_error(url, history):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("update eval_schema set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(HistoryFault, match="use the Plumbline that wrote it"):
        History(url)
