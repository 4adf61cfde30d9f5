"""What we rely on in vLLM itself: adapters loaded as it runs, salts, first tokens, verdicts by a schema."""

import asyncio
import socket
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import httpx
import pytest

from eval.dataset import Question
from eval.measures import judge_metrics
from eval.outcome import Outcome, Passage
from eval.scoring import score
from eval.settings import EvalSettings
from ingest.hashing import HashEmbedder
from service.adapted import AdaptedEndpoint, HotAdapters
from service.answer import Sampling
from service.dialect import VllmDialect
from service.endpoint import Endpoint
from service.errors import EngineLacksModel, EngineRefused
from service.prompts import messages
from service.salt import Salt
from tests.vllm import MARKS, ROOT

ADAPTERS = ROOT / "finetune" / "adapters"
ADAPTER = min(folder.name for folder in ADAPTERS.iterdir() if folder.is_dir())
BASE = "SmolLM2-135M-Instruct"
PROMPT = messages("What is the capital of France?", [])
SALT = Salt(b"secret")
FACTS = [
    ("How many days of leave are there?", "27 days", "Every employee has 27 days of leave a year."),
    ("When does the pump stop?", "at noon", "The pump runs in the morning. It stops at noon."),
]
JUDGED = ("faithfulness", "context_precision", "context_recall")
pytestmark = MARKS


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    """What `make vllm` starts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = tmp_path_factory.mktemp("vllm") / "vllm.log"
    command = [sys.executable, str(ROOT / "deploy" / "vllm" / "serve.py"), "--port", str(port)]
    with log.open("wb") as sink, subprocess.Popen(command, cwd=ROOT, stdout=sink, stderr=sink) as engine:
        try:
            _wait(engine, f"http://127.0.0.1:{port}/health", log)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            engine.terminate()


def _wait(engine: subprocess.Popen, url: str, log: Path) -> None:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        assert engine.poll() is None, log.read_text()[-4_000:]
        try:
            if httpx.get(url, timeout=10).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(log.read_text()[-4_000:])


def over(url: str) -> AdaptedEndpoint:
    return AdaptedEndpoint(
        Endpoint(url, None, VllmDialect(SALT)), BASE, "base", lambda name: str(ADAPTERS / name)
    )


def write(endpoint, model: str, **sampling):
    async def read():
        wanted = Sampling(max_tokens=8, tenant="acme", **sampling)
        async with aclosing(endpoint.stream(model, PROMPT, wanted)) as stream:
            return [piece async for piece in stream]

    pieces = asyncio.run(read())
    return "".join(piece.text for piece in pieces)


def test_an_adapter_is_loaded_when_it_is_asked_for_and_again_when_it_is_gone(url):
    endpoint = over(url)
    first = write(endpoint, ADAPTER)
    assert first != write(endpoint, BASE)
    assert httpx.post(f"{url}/unload_lora_adapter", json={"lora_name": ADAPTER}, timeout=60).is_success
    with pytest.raises(EngineLacksModel):
        write(Endpoint(url), ADAPTER)
    assert write(endpoint, ADAPTER) == first


def test_a_promotion_loads_what_is_loaded_already_without_an_error(url):
    endpoint = over(url)
    for _ in range(2):
        HotAdapters([endpoint], lambda _: True).want(ADAPTER).result(120)
        served = [model["id"] for model in httpx.get(f"{url}/models", timeout=60).json()["data"]]
        assert served.count(ADAPTER) == 1


def test_an_adapter_that_is_not_there_is_refused_with_the_remedy(url):
    with pytest.raises(EngineRefused, match="engine_adapters"):
        write(over(url), "gone-1")


def test_constants_weigh_the_first_token_and_no_other(url):
    plain = write(over(url), BASE)
    assert write(over(url), BASE, first_token=(("Yes", 0.0),)) == plain
    weighed = write(over(url), BASE, first_token=(("Yes", 100.0),))
    assert weighed.startswith("Yes")
    assert weighed.count("Yes") == 1


def test_the_engine_says_that_it_weighs_first_tokens(url):
    assert Endpoint(url).weighs("base") is True


def test_prompts_are_shared_within_a_tenant_and_not_across(url):
    """By vLLM's own count of what it found in its cache."""

    def hits() -> float:
        text = httpx.get(url.replace("/v1", "/metrics"), timeout=60).text
        lines = [line for line in text.splitlines() if line.startswith("vllm:prefix_cache_hits_total")]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    long = [{"role": "user", "content": "All employees get leave. " * 60}]

    def ask(tenant: str) -> float:
        before = hits()
        body = {"model": "base", "messages": long, "max_tokens": 1, "cache_salt": SALT.of(tenant)}
        assert httpx.post(f"{url}/chat/completions", json=body, timeout=120).is_success
        return hits() - before

    assert ask("one") == 0
    assert ask("one") > 0
    assert ask("other") == 0


def row(question: str, answer: str, text: str) -> Outcome:
    shown = Passage(chunk_id="c", document_id="d", uri="a.md", text=text, start=0, end=len(text))
    asked = Question(id=answer, question=question, answers=(answer,))
    return Outcome(question=asked, answer=f"{answer} [1]", shown=(shown,))


def test_ragas_metrics_run_on_vllm_and_what_fails_is_counted(url, tmp_path, monkeypatch):
    """A model of 135M parameters is no judge; what it says must fit the form, or be counted as failed."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    settings = EvalSettings(judge_url=url, judge_model="base", judge_max_tokens=256, judge_timeout=120)
    table = [metric for metric in judge_metrics(settings, HashEmbedder()) if metric.name in JUDGED]
    rows = [row(*fact) for fact in FACTS]
    scored = score(rows, table)
    for name in JUDGED:
        figure, failed = scored.metrics[name], scored.failures.get(name, 0)
        assert figure["n"] + failed == len(rows)
        assert figure["coverage"] == figure["n"] / len(rows)
        assert not figure["gates"]
    reasons = [reason for each in scored.rows for reason in each["failures"].values()]
    # A model that loses itself in a form is cut off; the endpoint itself never fails or refuses.
    assert all("cut off" in reason or "found nothing" in reason for reason in reasons), reasons
    assert sum(figure["n"] for figure in scored.metrics.values()) >= 1
