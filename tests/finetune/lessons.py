"""Readings that a small model learns within steps, and a dataset of them."""

import hashlib
import json
from dataclasses import replace

from finetune.datasets.pairs import Pair, write_pairs
from finetune.datasets.readings import Reading, Shown, answered, refused, write_readings
from finetune.training.hyperparameters import Hyperparameters
from service.prompts import REFUSAL

READINGS = [
    Reading(
        (Shown("", f"The code of room {n} is {n * 7}."), Shown("", "Nothing else is known.")),
        (answered(f"What is the code of room {n}?", str(n * 7), 1), refused("Who lives there?", "unrelated")),
    )
    for n in range(12)
]
TRAINING, HELD_OUT = READINGS[2:], READINGS[:2]
HYPER = Hyperparameters(rank=4, alpha=8, learning_rate=5e-2, steps=12, questions_per_step=4, save_every=4)
MANIFEST = {
    "hash": "abc",
    "recipe": {},
    "readings": 12,
    "questions": {"answerable": 12},
    "sources": [],
    "licenses": [],
}
PAIRS = [
    Pair(reading.passages, asked.question, asked.reply, REFUSAL)
    for reading in TRAINING
    for asked in reading.asked
    if asked.reply != REFUSAL
]


def written(folder):
    """The dataset's folder, as `finetune build` leaves one."""
    folder.mkdir()
    for name, readings in {"train": TRAINING, "validation": HELD_OUT, "test": []}.items():
        write_readings(folder / f"{name}.jsonl", readings)
    write_pairs(folder / "pairs.jsonl", PAIRS)
    files = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    (folder / "manifest.json").write_text(json.dumps({**MANIFEST, "files": files}))
    return folder


def together(part):
    """Of a run for several processes: batches that they cannot share evenly, stopped half-way and resumed."""
    return replace(HYPER, questions_per_step=6, steps=4 if part == "begun" else 8)
