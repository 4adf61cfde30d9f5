"""The real programs that the demo starts: ingestion, key creation and the server, each a process."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parents[2]
VLLM = ROOT / ".venv-vllm" / "bin" / "python"
# There where there is an NVIDIA GPU: by this the Makefile, too, chooses which build of vLLM is installed.
GPU = Path("/dev/nvidiactl")
READY_TIMEOUT_S = 420.0
STOP_TIMEOUT_S = 15.0
LOG_LINES = 15


class SetUpError(Exception):
    """A program that the demo needs did not do its part; the message tells which, and its last lines."""


class Stack:
    """The programs of this checkout, all working on one data folder, with none of the user's own settings.

    `told` are settings of its own, by the names of their variables in the environment.
    """

    def __init__(self, home: Path, told: Mapping[str, str] | None = None) -> None:
        self.home = home
        home.mkdir(parents=True, exist_ok=True)
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith("PLUMBLINE_") or k == "PLUMBLINE_CACHE"
        }
        self._env = kept | {
            "PLUMBLINE_HOME": str(home),
            "PLUMBLINE_CONFIG": str(home / "plumbline.toml"),
            "HF_HUB_OFFLINE": "1",
            **(told or {}),
        }
        self._started = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._started.close()

    def use_vllm(self) -> None:
        """Let vLLM write the answers. Raises SetUpError.

        Without a GPU the server runs it, a process for each adapter; on one GPU there is room for a single
        vLLM, which runs beside the server and is given the adapters.
        """
        if not VLLM.exists():
            raise SetUpError(f"there is no {VLLM}; `make demo-vllm` installs it")
        if not GPU.exists():
            self._env["PLUMBLINE_SERVICE__VLLM"] = str(VLLM)
            return
        port = _free_port()
        script = [sys.executable, str(ROOT / "deploy" / "vllm" / "serve.py"), "--port", str(port)]
        url = f"http://127.0.0.1:{port}"
        self._started.enter_context(self._running(script, f"{url}/health", "demo-vllm.log"))
        self._env |= {
            "PLUMBLINE_SERVICE__ENGINE_URL": f"{url}/v1",
            "PLUMBLINE_SERVICE__ENGINE_MODEL": "base",
            "PLUMBLINE_SERVICE__ENGINE_ADAPTERS": str(ROOT / "finetune" / "adapters"),
        }

    @contextmanager
    def reciting(self) -> Iterator[None]:
        """Until the block ends, servers are given an engine that recites a restricted document."""
        port, kept = _free_port(), self._env
        url = f"http://127.0.0.1:{port}"
        engine = {"URL": f"{url}/v1", "KIND": "openai", "MODEL": "reciter"}
        self._env = {
            name: value for name, value in kept.items() if not name.startswith("PLUMBLINE_SERVICE__")
        }
        self._env |= {f"PLUMBLINE_SERVICE__ENGINE_{name}": value for name, value in engine.items()}
        script = [sys.executable, str(Path(__file__).with_name("reciter.py")), str(port)]
        try:
            with self._running(script, f"{url}/v1/models", "demo-reciter.log"):
                yield
        finally:
            self._env = kept

    def sync(self, corpus: Path) -> dict[str, Any]:
        """Ingest the corpus; the report of `python -m ingest sync`. Raises SetUpError."""
        report = self.run("ingest", "sync", str(corpus), accepted=(0, 1))
        if report["failed"]:
            raise SetUpError(f"these files could not be ingested: {report['failed']}")
        return report

    def create_key(self, group: str) -> str:
        """Create an API key for one group and return it. Raises SetUpError."""
        options = ["--tenant", "default", "--groups", group, "--scopes", "chat,ingest"]
        return str(self.run("service", "keys", "create", *options)["key"])

    def run(self, program: str, *arguments: str, accepted: tuple[int, ...] = (0,)) -> dict[str, Any]:
        """What a command says with `--json`. Raises SetUpError unless it ends with a code of `accepted`."""
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
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", str(port)]
        with self._running(command, f"{url}/readyz", "demo-server.log"):
            yield url

    @contextmanager
    def _running(self, command: list[str], ready: str, log_name: str) -> Iterator[None]:
        """Run a program until the block ends; it is there once `ready` answers. Raises SetUpError."""
        log = self.home / log_name
        with log.open("wb") as sink:
            process = subprocess.Popen(command, cwd=ROOT, env=self._env, stdout=sink, stderr=sink)
        try:
            _wait(process, ready, log)
            yield
        finally:
            _stop(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            told = log.read_text(encoding="utf-8", errors="replace")
            raise SetUpError(f"{log.stem} ended with {process.returncode}:\n{_tail(told)}")
        try:
            if httpx.get(url, timeout=5.0, trust_env=False).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    told = log.read_text(encoding="utf-8", errors="replace")
    raise SetUpError(f"{log.stem} was not ready after {READY_TIMEOUT_S:.0f} s:\n{_tail(told)}")


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
