"""How vLLM is started, with a small program in its place."""

import json
import sys
import threading

import pytest

from service.breaker import Breaker
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.errors import ModelUnavailable
from service.pool import Pool
from service.vllm import PLUGINS, Launcher, Vllm

LISTS_MODELS = """
import http.server, sys
port = int(sys.argv[sys.argv.index("--port") + 1])
class Models(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"object": "list", "data": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.HTTPServer(("127.0.0.1", port), Models).serve_forever()
"""


@pytest.fixture
def launcher(tmp_path):
    """A launcher of a program that stands in for vLLM's Python."""

    def make(program: str, patience: float = 600.0, *, stopping: bool = False) -> Launcher:
        script, python = tmp_path / "program.py", tmp_path / "python"
        script.write_text(program)
        python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
        python.chmod(0o755)

        def connect(url):
            pool = Pool([Endpoint(url)], lambda: Breaker(lambda: 0.0, 3, 2.0))
            return pool, EndpointGenerator(pool, 1.0, 1.0)

        stop = threading.Event()
        if stopping:
            stop.set()
        vllm, logs = Vllm(python, 512, 1), tmp_path / "engines"
        return Launcher(vllm, lambda _: str(tmp_path), connect, logs, patience, stop)

    return make


def test_an_engine_is_there_when_it_answers(launcher, tmp_path):
    unit = launcher(LISTS_MODELS).start("org/qa-1")
    unit.pool.members[0].engine.check()
    assert unit.process.alive
    assert (tmp_path / "engines" / "org_qa-1.log").exists()
    unit.process.release()
    assert unit.process.wait(600)


def test_an_engine_that_ends_at_once_is_an_error_that_names_its_log(launcher):
    with pytest.raises(ModelUnavailable, match=r"its engine ended: see .*qa-1\.log"):
        launcher("raise SystemExit('out of memory')").start("qa-1")


def test_an_engine_that_does_not_answer_in_time_is_stopped(launcher):
    with pytest.raises(ModelUnavailable, match=r"raise service\.vllm_start"):
        launcher("import time; time.sleep(600)", patience=0.01).start("qa-1")


def test_nothing_comes_up_while_the_server_stops(launcher):
    with pytest.raises(ModelUnavailable, match="the server stops"):
        launcher("import time; time.sleep(600)", stopping=True).start("qa-1")


@pytest.mark.parametrize(
    ("config", "context"), [({"max_position_embeddings": 300}, 300), ({}, 512), (None, 512)]
)
def test_the_context_is_no_longer_than_the_model_can(tmp_path, config, context):
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config))
    command = Vllm(tmp_path / "python", 512, 1).command(str(tmp_path), "qa-1", 8_123)
    assert command[command.index("--max-model-len") + 1] == str(context)


def test_vllm_listens_on_loopback_weighs_first_tokens_and_asks_nobody(tmp_path):
    command = Vllm(tmp_path / "python", 512, 3).command("/weights", "qa-1", 8_123)
    said = " ".join(command)
    for part in (
        "--host 127.0.0.1 --port 8123",
        "--model /weights --served-model-name qa-1",
        "--logits-processors first_token:FirstToken",
        "HF_HUB_OFFLINE=1",
        "VLLM_CPU_KVCACHE_SPACE=3",
        "VLLM_CPU_OMP_THREADS_BIND=nobind OMP_NUM_THREADS=",
    ):
        assert part in said
    assert (PLUGINS / "first_token.py").exists()
