"""The real programs that the demo starts: ingestion, key creation and the server, each a process."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
READY_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 15.0
LOG_LINES = 15


class SetUpError(Exception):
    """A program that the demo needs did not do its part; the message tells which, and its last lines."""


class Stack:
    """The programs of this checkout, all working on one data folder, with none of the user's own settings."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("PLUMBLINE_") or k == "PLUMBLINE_CACHE"
        }
        self._env = kept | {
            "PLUMBLINE_HOME": str(home),
            "PLUMBLINE_CONFIG": str(home / "plumbline.toml"),
            "HF_HUB_OFFLINE": "1",
        }

    def sync(self, corpus: Path) -> dict[str, Any]:
        """Ingest the corpus; the report of `python -m ingest sync`. Raises SetUpError."""
        report = self._json("ingest", "sync", str(corpus), accepted=(0, 1))
        if report["failed"]:
            raise SetUpError(f"these files could not be ingested: {report['failed']}")
        return report

    def create_key(self, group: str) -> str:
        """Create an API key for one group and return it. Raises SetUpError."""
        options = ["--tenant", "default", "--groups", group, "--scopes", "chat,ingest"]
        return str(self._json("service", "keys", "create", *options)["key"])

    def _json(self, program: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> dict[str, Any]:
        command = [sys.executable, "-m", program, *arguments, "--json"]
        done = subprocess.run(command, cwd=ROOT, env=self._env, capture_output=True, text=True, check=False)
        if done.returncode not in accepted or not done.stdout.startswith("{"):
            told = f"`python -m {program} {arguments[0]}` ended with {done.returncode}"
            raise SetUpError(f"{told}:\n{_tail(done.stderr or done.stdout)}")
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    @contextmanager
    def server(self) -> Iterator[str]:
        """Run the server on a free port of this machine; yields its address. Raises SetUpError."""
        port = _free_port()
        log = self.home / "demo-server.log"
        command = [sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with log.open("wb") as sink:
            process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=sink, stderr=sink)
        try:
            _wait(process, f"http://127.0.0.1:{port}", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            told = log.read_text(encoding="utf-8", errors="replace")
            raise SetUpError(f"the server ended with {process.returncode}:\n{_tail(told)}")
        try:
            if httpx.get(f"{url}/readyz", timeout=5.0, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    told = log.read_text(encoding="utf-8", errors="replace")
    raise SetUpError(f"the server was not ready after {READY_TIMEOUT_S:.0f} s:\n{_tail(told)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LOG_LINES:]) or "(it said nothing)"
