"""The processes that `serving.py` measures, and what it reads of them."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any

from stack import Stack

from service.vllm import Vllm

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
MODEL = "default"
# Beyond any bench, so that what is measured is the counting and not the refusing.
PLENTY = 10**12
SETTINGS = """[service]
cache_seconds = 0
engine_url = "{engine}"
engine_model = "default"
engine_tokenizer = "{tokenizer}"
engine_first_token = 120
engine_timeout = 300
requests_per_minute = {plenty}
tenant_requests_per_minute = {plenty}
tokens_per_day = {plenty}
tenant_tokens_per_day = {plenty}
"""
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Running:
    """A server: where it answers, and its process."""

    url: str
    pid: int

    @property
    def chat(self) -> str:
        return f"{self.url}/v1/chat/completions"

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Bytes in memory now."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


class Rig(Stack):
    """The demo's programs, and those of the bench, each a process."""

    @contextmanager
    def service(self, engine: Running, tokenizer: str = "SmolLM2-135M-Instruct") -> Iterator[Running]:
        """`python -m service serve` before an engine."""
        settings = SETTINGS.format(engine=f"{engine.url}/v1", tokenizer=tokenizer, plenty=PLENTY)
        (self.home / "plumbline.toml").write_text(settings)
        with self.server() as url:
            yield Running(url, int(json.loads((self.home / "store.json").read_text())["pid"]))

    @contextmanager
    def fake(self) -> Iterator[Running]:
        """The engine that answers at once."""
        with self._program("fake_engine.py", "/v1/models") as running:
            yield running

    @contextmanager
    def plain(self, engine: Running, corpus: Path, embedder: str) -> Iterator[Running]:
        """The plain endpoint before an engine."""
        of = [
            "--folder",
            str(corpus),
            "--embedder",
            embedder,
            "--engine",
            f"{engine.url}/v1",
            "--model",
            MODEL,
        ]
        with self._program("plain.py", "/readyz", *of) as running:
            yield running

    @contextmanager
    def vllm(self, python: Path, weights: str) -> Iterator[Running]:
        """vLLM, started as the service starts it."""
        port = free_port()
        command = Vllm(python.absolute(), 2_560, 2).command(weights, MODEL, port)
        with self._found(command, f"http://127.0.0.1:{port}", "/health", "vllm.log") as running:
            yield running

    def weights(self) -> str:
        """The folder of the promoted adapter's merged weights."""
        adapter = (ROOT / "finetune" / "adapters" / "promoted").read_text().strip()
        return str(self._json("service", "weights", adapter)["folder"])

    @contextmanager
    def _program(self, script: str, ready: str, *arguments: str) -> Iterator[Running]:
        port = free_port()
        command = [sys.executable, str(HERE / script), "--port", str(port), *arguments]
        with self._found(command, f"http://127.0.0.1:{port}", ready, f"{script}.log") as running:
            yield running

    @contextmanager
    def _found(self, command: list[str], url: str, ready: str, log: str) -> Iterator[Running]:
        """A program, and its process: told from its parent by its command."""
        self._env["PYTHONPATH"] = str(ROOT)
        with self._running(command, f"{url}{ready}", log):
            port = url.rpartition(":")[2]
            yield Running(url, next(pid for pid in _children() if port in _command(pid)))


def _children() -> Iterator[int]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has just ended
        if parent == os.getpid():
            yield int(folder.name)


def _command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_text().split("\0")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Load:
    """What came of many requests. Times are in milliseconds."""

    results: list[dict[str, Any]]
    cpu: float  # seconds of the clients

    @property
    def good(self) -> list[dict[str, Any]]:
        """Those that were answered to the end."""
        return [each for each in self.results if not each["error"] and each["text"]]

    @property
    def rate(self) -> float:
        """Answers a second."""
        begun, over = min(each["start"] for each in self.results), max(each["end"] for each in self.results)
        return len(self.good) / (over - begun)

    def since_start(self, moment: str) -> list[float]:
        """From the start of a request to a moment of its answer."""
        return [(each[moment] - each["start"]) * 1_000 for each in self.good]

    def timings(self) -> dict[str, float]:
        """The medians of what the service tells of its own steps."""
        told = [each["last"].get("timings_ms", {}) for each in self.good]
        return {
            name: median(each.get(name, 0.0) for each in told)
            for name in dict.fromkeys(n for t in told for n in t)
        }

    def figures(self) -> dict[str, Any]:
        """In short."""
        whole = sorted(self.since_start("end"))
        return {
            "requests": len(self.results),
            "failed": len(self.results) - len(self.good),
            "requests_per_second": round(self.rate, 1),
            **{f"p{share}_ms": round(percentile(whole, share), 1) for share in (50, 95, 99)},
            "first_token_p50_ms": round(percentile(sorted(self.since_start("first")), 50), 1),
        }


def percentile(ordered: Sequence[float], share: int) -> float:
    """Of ordered values, the one that `share` percent do not exceed; 0 of none."""
    return ordered[max(0, ceil(len(ordered) * share / 100) - 1)] if ordered else 0.0


@contextmanager
def loading(job: dict[str, Any]) -> Iterator["subprocess.Popen[str]"]:
    """Clients in a process of their own; see load.py for the job."""
    command = [sys.executable, str(HERE / "load.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        process.stdin.write(json.dumps(job))
        process.stdin.close()
        process.stdin = None
        yield process


def load(
    url: str, bodies: list[dict[str, Any]], clients: int, key: str = "none", seconds: float = 1e9
) -> Load:
    """Put a load on a server and wait for what comes of it; after some seconds no more is asked."""
    job = {"url": url, "key": key, "bodies": bodies, "clients": clients, "seconds": seconds}
    with loading(job) as process:
        return Load(**json.loads(process.communicate()[0]))
