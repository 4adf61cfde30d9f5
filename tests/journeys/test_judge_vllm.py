"""RAGAS's metrics by a real model on a real vLLM that writes by a schema: the way, not the judgement.

A model of 135M parameters is no judge. What it says must nevertheless fit the form, or be counted as failed.
"""

import socket
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from eval.dataset import Question
from eval.outcome import Outcome, Passage
from eval.scoring import score
from eval.settings import EvalSettings
from eval.wiring import judge_metrics
from ingest.hashing import HashEmbedder
from service.models import packaged_folder
from service.settings import ServiceSettings
from service.vllm import Vllm
from tests.vllm import MARKS, PYTHON

FACTS = [
    ("How many days of leave are there?", "27 days", "Every employee has 27 days of leave a year."),
    ("When does the pump stop?", "at noon", "The pump runs in the morning. It stops at noon."),
]
WANTED = ("faithfulness", "context_precision", "context_recall")
MINUTES = 600.0  # seconds in which a vLLM comes up on a busy machine
pytestmark = MARKS


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("vllm") / "vllm.log"
    weights = str(packaged_folder(ServiceSettings().cache))
    command = Vllm(PYTHON, context=4_096, memory=1).command(weights, "base", port)
    with log.open("wb") as sink, subprocess.Popen(command, stdout=sink, stderr=sink) as engine:
        try:
            _wait(engine, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            engine.terminate()


def _wait(engine: subprocess.Popen, url: str, log: Path) -> None:
    end = time.monotonic() + MINUTES
    while time.monotonic() < end:
        assert engine.poll() is None, log.read_text()[-4_000:]
        try:
            if httpx.get(url, timeout=10).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-4_000:])


def row(question: str, answer: str, text: str) -> Outcome:
    shown = Passage(chunk_id="c", document_id="d", uri="a.md", text=text, start=0, end=len(text))
    asked = Question(id=answer, question=question, answers=(answer,))
    return Outcome(question=asked, answer=f"{answer} [1]", shown=(shown,))


def test_ragas_metrics_run_on_vllm_and_what_fails_is_counted(url, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    settings = EvalSettings(judge_url=url, judge_model="base", judge_max_tokens=256, judge_timeout=120)
    table = [metric for metric in judge_metrics(settings, HashEmbedder()) if metric.name in WANTED]
    rows = [row(*fact) for fact in FACTS]
    scored = score(rows, table)
    for name in WANTED:
        figure, failed = scored.metrics[name], scored.failures.get(name, 0)
        assert figure["n"] + failed == len(rows)
        assert figure["coverage"] == figure["n"] / len(rows)
        assert not figure["gates"]
    reasons = [reason for each in scored.rows for reason in each["failures"].values()]
    # A model that loses itself in a form is cut off; the endpoint itself never fails or refuses.
    assert all("cut off" in reason or "found nothing" in reason for reason in reasons), reasons
    assert sum(figure["n"] for figure in scored.metrics.values()) >= 1
