"""The history's tables. `eval/migrations` builds them; a test holds the two equal. No texts: figures."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

# The migration that these tables match.
HEAD = "0001"

metadata = MetaData()

runs = Table(
    "eval_runs",
    metadata,
    Column("tenant", String(200), primary_key=True),
    Column("run", String(100), primary_key=True),
    # The date that the run stands for, ISO 8601; `at` is when it began.
    Column("night", String(10), nullable=False),
    Column("at", String(40), nullable=False),
    Column("dataset", Text, nullable=False),
    Column("version", String(64), nullable=False),
    Column("questions", Integer, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("late", Boolean, nullable=False),
    # Corpus, index, embedder, prompt, adapter, policy, judge, service: hashes and names.
    Column("fingerprint", JSON, nullable=False),
    Column("seconds", Float, nullable=False),
    Index("eval_runs_by_night", "tenant", "night", "at"),
)

figures = Table(
    "eval_figures",
    metadata,
    Column("tenant", String(200), primary_key=True),
    Column("run", String(100), primary_key=True),
    Column("metric", String(100), primary_key=True),
    Column("value", Float, nullable=False),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
    Column("n", Integer, nullable=False),
    Column("coverage", Float, nullable=False),
    Column("better", String(10), nullable=False),
    ForeignKeyConstraint(["tenant", "run"], ["eval_runs.tenant", "eval_runs.run"]),
)
