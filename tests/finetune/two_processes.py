"""Trains a small model in as many processes as `accelerate launch` starts, and prints the losses.

accelerate launch --config_file deploy/accelerate/cpu.yaml tests/finetune/two_processes.py MODEL FOLDER
"""

import json
import sys
from pathlib import Path

import torch
from torch.distributed.tensor import DTensor

sys.path.insert(0, str(Path(__file__).parents[2]))

from finetune.training.checkpoint import Checkpoint
from finetune.training.processes import Processes
from finetune.training.trainer import Trainer
from tests.finetune.lessons import HELD_OUT, TRAINING, together
from tests.finetune.shapes import read


def main(model, folder):
    torch.set_num_threads(1)
    told = {}
    for name, shard in (("copies", False), ("parts", True)):
        for again in ("begun", "resumed"):
            processes = Processes(shard=shard)
            trainer = Trainer(
                read(model), together(again), Checkpoint(folder / name, {}), processes=processes
            )
            history = trainer.train(TRAINING, HELD_OUT, lambda _: None)
        trainer.write(folder / f"{name}-weights")
        divided = any(isinstance(each, DTensor) for each in trainer.model.parameters())
        told[name] = [each.loss for each in history], history[-1].validation_loss, divided
    if processes.first:
        (folder / "told.json").write_text(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
