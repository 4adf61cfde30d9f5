import json

import pytest

from eval.metrics.blocks import block_rate
from eval.metrics.errors import Errors
from eval.metrics.speed import total_ms
from eval.metrics.table import metrics
from eval.metrics.token_f1 import token_f1
from eval.scoring import score
from ingest.hashing import HashEmbedder
from tests.eval.rows import outcome

KNOWN = {"answers": ["27 days"], "documents": ["leave.pdf"]}
ROWS = [
    outcome("27 days", KNOWN | {"id": "1"}, total_ms=10.0),
    outcome("no", KNOWN | {"id": "2", "kind": "table", "documents": ["a.csv"]}, total_ms=30.0),
    outcome(question=KNOWN | {"id": "3", "tenant": "other"}, error="down"),
    outcome("x", {"id": "4", "kind": "attack"}, total_ms=90.0),
]


def test_rows_have_scores_and_failures_in_order():
    scored = score(ROWS, [token_f1(), Errors()])
    assert scored.rows == [
        {"scores": {"answer_f1": 1.0, "errors": 0.0}, "failures": {}},
        {"scores": {"answer_f1": 0.0, "errors": 0.0}, "failures": {}},
        {"scores": {"errors": 1.0}, "failures": {"answer_f1": "down"}},
        {"scores": {"answer_f1": None, "errors": 0.0}, "failures": {}},
    ]
    assert scored.failures == {"answer_f1": 1}


def test_figures_say_what_they_rest_on():
    told = score(ROWS, [token_f1(), total_ms(), block_rate()]).metrics
    assert told["answer_f1"] == {
        "value": 0.5, "low": 0.0, "high": 1.0, "n": 2, "coverage": pytest.approx(2 / 3),
        "better": "higher", "summary": "mean", "gates": True,
    }  # fmt: skip
    assert (told["total_ms"]["value"], told["total_ms"]["summary"]) == (30.0, "median")
    assert told["block_rate"]["n"] == 1


def test_breakdowns_leave_out_what_does_not_apply():
    told = score(ROWS, [token_f1(), block_rate()]).breakdown
    assert list(told) == ["kind", "format", "tenant", "language"]
    assert list(told["kind"]) == ["attack", "factual", "table"]
    assert list(told["kind"]["attack"]) == ["block_rate"]
    assert told["format"]["csv"]["answer_f1"]["value"] == 0.0
    assert list(told["format"]) == ["csv", "pdf", "unknown"]
    assert told["tenant"]["other"]["answer_f1"] == told["tenant"]["other"]["answer_f1"] | {
        "n": 0, "coverage": 0.0,
    }  # fmt: skip
    assert list(told["language"]) == ["en"]


def test_what_is_told_is_json_even_of_no_rows():
    for rows in ([], ROWS):
        scored = score(rows, metrics(encoder=HashEmbedder()))
        told = [scored.rows, scored.metrics, scored.breakdown, scored.failures]
        assert len(json.loads(json.dumps(told, allow_nan=False))[0]) == len(rows)
