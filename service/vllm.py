"""vLLM as a program of ours: how it is started, and when it is there.

It does not know which adapter is promoted. Loopback only: vLLM asks nobody for a key beyond its /v1 routes.
"""

import json
import os
import re
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from service.errors import EngineFailed, EngineRefused, ModelUnavailable
from service.fleet import STOPPING, Unit
from service.generate import Generator
from service.pool import Pool
from service.process import Process

PLUGINS = Path(__file__).parent.parent / "deploy" / "vllm"
AGAIN = 0.5  # seconds between two looks whether it is there
_UNFIT = re.compile(r"[^\w.-]")


@dataclass(frozen=True, slots=True)
class Vllm:
    """An installed vLLM. `context`: tokens of prompt and answer; `memory`: GiB for keys and values."""

    python: Path
    context: int
    memory: int

    def command(self, weights: str, name: str, port: int) -> list[str]:
        """What serves the model in `weights` as `name` on `port`."""
        quiet = ["HF_HUB_OFFLINE=1", "VLLM_NO_USAGE_STATS=1", "DO_NOT_TRACK=1"]
        room = [f"VLLM_CPU_KVCACHE_SPACE={self.memory}", f"PYTHONPATH={PLUGINS}"]
        # The runner that first_token.py is written for.
        runner = ["VLLM_USE_V2_MODEL_RUNNER=0"]
        # Left to itself, every engine ties itself to the same cores: a second one beside it never came up.
        threads = ["VLLM_CPU_OMP_THREADS_BIND=nobind", f"OMP_NUM_THREADS={max(1, (os.cpu_count() or 2) - 1)}"]
        program = [str(self.python), "-m", "vllm.entrypoints.openai.api_server"]
        model = ["--model", weights, "--served-model-name", name, "--dtype", "bfloat16"]
        place = ["--host", "127.0.0.1", "--port", str(port), "--disable-uvicorn-access-log"]
        length = ["--max-model-len", str(self._context(weights))]
        # No sampling but what requests ask for, whatever the model's makers recommend.
        length += ["--generation-config", "vllm"]
        # Its environment by a program: only settings read ours.
        return [
            "/usr/bin/env", *quiet, *room, *runner, *threads, *program, *model, *place, *length,
            "--logits-processors", "first_token:FirstToken",
        ]  # fmt: skip

    def _context(self, weights: str) -> int:
        """No more than the model can: vLLM does not start with more."""
        file = Path(weights) / "config.json"
        most = json.loads(file.read_text()).get("max_position_embeddings") if file.is_file() else None
        return min(self.context, most or self.context)


class Launcher:
    """Brings vLLM up as one adapter after the other, and waits until each answers."""

    def __init__(
        self,
        vllm: Vllm,
        weights: Callable[[str], str],
        connect: Callable[[str], tuple[Pool, Generator]],
        logs: Path,
        patience: float,
        stop: threading.Event,
    ) -> None:
        """`weights` gives the folder of an adapter's merged weights, `connect` the way to an address.

        What vLLM says goes into `logs`; it may take `patience` seconds to come up. Once `stop` is set,
        nothing comes up any more.
        """
        self._vllm, self._weights, self._connect = vllm, weights, connect
        self._logs, self._patience, self._stop = logs, patience, stop

    def start(self, name: str) -> Unit:
        """An engine that answers as `name`. Blocking.

        Raises:
            ModelUnavailable: it did not come up.
        """
        weights, port = self._weights(name), _free_port()
        file = self._logs / f"{_UNFIT.sub('_', name)}.log"
        pool, generator = self._connect(f"http://127.0.0.1:{port}/v1")
        process = Process(self._vllm.command(weights, name, port), file)
        unit = Unit(process, pool, generator)
        try:
            self._await(unit, name, file)
        except ModelUnavailable:
            process.release()
            process.wait(STOPPING)
            raise
        return unit

    def _await(self, unit: Unit, name: str, file: Path) -> None:
        end = time.monotonic() + self._patience
        while time.monotonic() < end and unit.process.alive:
            try:
                unit.pool.members[0].engine.check()
            except EngineRefused:
                return
            except EngineFailed:
                if self._stop.wait(AGAIN):
                    raise ModelUnavailable(name, "the server stops") from None
            else:
                return
        if unit.process.alive:
            told = f"its engine did not answer within {self._patience:g} s: raise service.vllm_start, or see"
        else:
            told = "its engine ended: see"
        raise ModelUnavailable(name, f"{told} {file}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
