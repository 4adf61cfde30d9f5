"""The service on a vLLM of its own: a cited answer, a promotion and a rollback under load, on real models."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests.vllm import MARKS, PYTHON, ROOT

CORPUS = ROOT / "deploy" / "demo" / "corpus" / "policies"
ADAPTERS = ROOT / "finetune" / "adapters"
SHIPPED = (ADAPTERS / "promoted").read_text().strip()
WEAKER = "grounded-qa-000000000000"  # the shipped one, at half its strength
QUESTION = "How many days of annual leave does every full-time employee get a year?"
MINUTES = 600.0  # seconds in which a vLLM comes up on a busy machine, its weights merged first
pytestmark = MARKS


class House:
    """A running server, whose adapters folder is the test's own."""

    def __init__(self, home: Path) -> None:
        self.home, self.adapters, self.url = home, home / "adapters", ""
        self.adapters.mkdir()
        (self.adapters / SHIPPED).symlink_to(ADAPTERS / SHIPPED)
        weaker = shutil.copytree(ADAPTERS / SHIPPED, self.adapters / WEAKER)
        config = json.loads((weaker / "adapter_config.json").read_text())
        config["lora_alpha"] /= 2
        (weaker / "adapter_config.json").write_text(json.dumps(config))
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("PLUMBLINE_") or name == "PLUMBLINE_CACHE"
        }
        self.env = kept | {
            "PLUMBLINE_HOME": str(home / "data"),
            "PLUMBLINE_SERVICE__VLLM": str(PYTHON),
            "PLUMBLINE_SERVICE__VLLM_START": str(MINUTES),
            "PLUMBLINE_SERVICE__ADAPTERS": str(self.adapters),
            "PLUMBLINE_SERVICE__CACHE_SECONDS": "0",  # every answer is the engine's
            "HF_HUB_OFFLINE": "1",
        }

    def promote(self, name: str) -> None:
        pointer = self.adapters / "promoted.new"
        pointer.write_text(name)
        pointer.replace(self.adapters / "promoted")

    def run(self, *arguments: str) -> dict:
        command = [sys.executable, "-m", *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def ask(self, key: str, model: str = "default") -> dict:
        """A streamed answer: its text and all that its last chunk says."""
        body = {"model": model, "stream": True, "messages": [{"role": "user", "content": QUESTION}]}
        headers = {"Authorization": f"Bearer {key}"}
        answer = httpx.post(f"{self.url}/v1/chat/completions", json=body, headers=headers, timeout=300)
        assert answer.is_success, answer.text
        *chunks, done = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
        assert done == "[DONE]"
        parsed = [json.loads(chunk) for chunk in chunks]
        assert not [chunk for chunk in parsed if "error" in chunk], answer.text
        deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in parsed]
        return parsed[-1] | {"text": "".join(deltas)}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("vllm"))
    house.promote(SHIPPED)
    house.run("ingest", "sync", str(CORPUS))
    log = (house.home / "server.log").open("wb")
    command = [sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", "0"]
    with log, subprocess.Popen(command, cwd=ROOT, env=house.env, stdout=log, stderr=log) as server:
        try:
            house.url = _ready(house, server)
            yield house
        finally:
            server.terminate()
            assert server.wait(60) == 0


def _ready(house: House, server: subprocess.Popen) -> str:
    end = time.monotonic() + MINUTES
    owner = house.home / "data" / "store.json"
    while time.monotonic() < end:
        assert server.poll() is None, (house.home / "server.log").read_text()
        address = json.loads(owner.read_text()).get("address") if owner.exists() else None
        if address and httpx.get(f"{address}/readyz", timeout=30).is_success:
            return address
        time.sleep(0.5)
    raise AssertionError((house.home / "server.log").read_text())


@pytest.fixture(scope="module")
def key(house) -> str:
    return house.run("service", "keys", "create", "--scopes", "chat,ingest")["key"]


def test_a_cited_answer_is_streamed_from_the_promoted_adapter(house, key):
    answer = house.ask(key)
    assert answer["model"] == SHIPPED
    assert "28" in answer["text"]
    (cited, *_) = answer["citations"]
    headers = {"Authorization": f"Bearer {key}"}
    document = httpx.get(f"{house.url}/v1/documents/{cited['document_id']}", headers=headers).json()
    assert document["text"][cited["start"] : cited["end"]] == cited["quote"]


def test_a_promotion_and_a_rollback_under_load_cost_no_request(house, key):
    said, failures, stop = [], [], threading.Event()

    def load() -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                said.append((began, house.ask(key)["model"]))
            except (AssertionError, httpx.HTTPError, ValueError) as error:
                failures.append(repr(error))
                return
            stop.wait(1.0)  # callers read, too: without a pause the new engine takes minutes more to come up

    def until(name: str) -> None:
        """Wait for an answer by `name` that was asked for from now on."""
        now = time.monotonic()
        while not any(began >= now and model == name for began, model in tuple(said)):
            assert not failures, failures
            assert time.monotonic() < now + MINUTES
            time.sleep(0.2)

    threads = [threading.Thread(target=load) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        until(SHIPPED)
        for name in (WEAKER, SHIPPED):
            house.promote(name)
            until(name)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures
    assert {model for _, model in said} == {SHIPPED, WEAKER}


def test_another_adapter_is_asked_for_by_name(house, key):
    assert house.ask(key, WEAKER)["model"] == WEAKER
