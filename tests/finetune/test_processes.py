import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from safetensors.torch import load_file

from finetune.training.checkpoint import Checkpoint
from finetune.training.trainer import Trainer
from tests.finetune.lessons import HELD_OUT, TRAINING, together
from tests.finetune.shapes import kept, read, shape

ROOT = Path(__file__).parents[2]
LAUNCH = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", "deploy/accelerate/fsdp.yaml"]

ON_CPU = {"OMP_NUM_THREADS": "1", "ACCELERATE_USE_CPU": "true"}


def test_two_processes_with_copies_or_parts_of_the_model_learn_what_one_does(words, tmp_path):
    model = kept(shape("llama", words), tmp_path / "model")
    script = "tests/finetune/two_processes.py"
    done = subprocess.run(
        [*LAUNCH, script, str(model), str(tmp_path)],
        cwd=ROOT, env=os.environ | ON_CPU, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    for part in ("begun", "resumed"):
        one = Trainer(read(model), together(part), Checkpoint(tmp_path / "one", {}))
        history = one.train(TRAINING, HELD_OUT, lambda _: None)
    one.write(tmp_path / "one-weights")
    for name, (losses, watched, divided) in json.loads((tmp_path / "told.json").read_text()).items():
        assert divided == (name == "parts")
        assert losses == pytest.approx([each.loss for each in history], rel=1e-3), name
        assert watched == pytest.approx(history[-1].validation_loss, rel=1e-3), name
        weights, alone = (
            load_file(tmp_path / f"{each}-weights" / "adapter_model.safetensors") for each in (name, "one")
        )
        assert weights.keys() == alone.keys()
        assert all((weights[key] - alone[key]).abs().max() < 0.02 for key in weights)
