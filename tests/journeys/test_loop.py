"""The whole loop on the demo, with a tiny budget: real server, real model, real training, real gate."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOOP = ROOT / "deploy" / "demo" / "loop.py"
CORPUS = ROOT / "deploy" / "demo" / "corpus" / "policies"
BUDGET = ["--steps", "12", "--share", "1", "--count", "10"]


@pytest.mark.slow
@pytest.mark.models
def test_a_correction_is_learnt_promoted_under_load_and_rolled_back(tmp_path):
    command = [sys.executable, str(LOOP), "--home", str(tmp_path / "home"), "--corpus", str(CORPUS)]
    done = subprocess.run([*command, *BUDGET, "--json"], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{"), done.stderr
    told = json.loads(done.stdout)
    assert [step for step in told["steps"] if step["problems"]] == [], done.stderr
    assert (done.returncode, told["ok"], len(told["steps"])) == (0, True, 11)
