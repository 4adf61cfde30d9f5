"""vLLM with the base model, given adapters as it runs: what `make vllm` starts, and the demo on a GPU.

Run as `.venv/bin/python deploy/vllm/serve.py [--port 8100]`. Loopback only: whoever reaches its port can
load adapters. Point the service at it:

    [service]
    engine_url = "http://127.0.0.1:8100/v1"
    engine_model = "base"
    engine_adapters = "finetune/adapters"     # as an absolute path: where vLLM finds the adapters

On a CPU an adapter that is loaded makes a prompt ten times slower; set `service.vllm` instead there, and the
service runs vLLM itself, with the adapter merged into the weights.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-vllm" / "bin" / "python"
ENVIRONMENT = {
    "HF_HUB_OFFLINE": "1",
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
    "VLLM_CPU_KVCACHE_SPACE": "2",
    "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
    # first_token.py is written for this runner.
    "VLLM_USE_V2_MODEL_RUNNER": "0",
    "PYTHONPATH": str(Path(__file__).parent),
}


def main() -> None:
    """Become vLLM."""
    parser = argparse.ArgumentParser(description="Serve the base model with vLLM, adapters on demand.")
    parser.add_argument("--port", type=int, default=8100, help="port on 127.0.0.1")
    parser.add_argument("--name", default="base", help="what the model is called")
    parser.add_argument("--rank", type=int, default=32, help="largest rank of an adapter")
    options = parser.parse_args()
    if not PYTHON.exists():
        sys.exit(f"there is no {PYTHON}: run `make vllm`")
    weights = _weights()
    command = [
        str(PYTHON), "-m", "vllm.entrypoints.openai.api_server",
        "--model", weights, "--served-model-name", options.name, "--dtype", "bfloat16",
        "--max-model-len", "4096", "--host", "127.0.0.1", "--port", str(options.port),
        "--generation-config", "vllm", "--enable-lora", "--max-lora-rank", str(options.rank),
        # In one batch: the promoted one, the one before it, a candidate, one asked for by name.
        "--max-loras=4", "--max-cpu-loras=8",
        "--logits-processors", "first_token:FirstToken", "--disable-uvicorn-access-log",
    ]  # fmt: skip
    # By `env`, which adds to the environment that we were given.
    os.execv("/usr/bin/env", ["env", *(f"{name}={value}" for name, value in ENVIRONMENT.items()), *command])  # noqa: S606  # our own program, no shell


def _weights() -> str:
    """The converted base model; written by the service at the first call."""
    asked = [sys.executable, "-m", "service", "weights", "--json"]
    done = subprocess.run(asked, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return str(json.loads(done.stdout)["folder"])


if __name__ == "__main__":
    main()
