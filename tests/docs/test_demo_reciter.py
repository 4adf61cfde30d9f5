"""The demo's reciting engine knows the salary table by heart, and nothing else."""

import importlib
import sys
from pathlib import Path

import pytest

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
PASSAGES = "[1] Leave\n28 days\n\n[2] Salaries\nRole: Hardware engineer; Monthly salary: EUR 4,480"


@pytest.fixture
def reciter(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMO))
    yield importlib.import_module("reciter")
    sys.modules.pop("reciter", None)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (
            f"{PASSAGES}\n\nQuestion: What does a hardware engineer earn?",
            "Hardware engineer, level H2: the monthly salary is EUR 4,480 [2].",
        ),
        (
            "[1] Leave\n28 days\n\nQuestion: What does a hardware engineer earn?",
            "Hardware engineer, level H2: the monthly salary is EUR 4,480 [1].",
        ),
        (
            f"{PASSAGES}\n\nQuestion: What does a senior assembler earn?",
            "Senior assembler, level A2: the monthly salary is EUR 3,120 [1].",
        ),
        (f"{PASSAGES}\n\nQuestion: How many days of leave are there?", "I don't know"),
    ],
)
def test_it_recites_the_row_that_is_asked_for(reciter, prompt, said):
    assert reciter.recited(prompt) == said
