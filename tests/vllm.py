"""The real vLLM, as `make vllm` installs it: where it is, and how tests that need it are marked."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".venv-vllm"
PYTHON = FOLDER / "bin" / "python"
# The stamp, not the program: an installation that broke off has a Python too.
MARKS = [
    pytest.mark.models,
    pytest.mark.slow,
    pytest.mark.vllm,
    pytest.mark.skipif(not (FOLDER / ".installed").exists(), reason="vLLM is not installed: `make vllm`"),
]
