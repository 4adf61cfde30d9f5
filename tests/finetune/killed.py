"""Promotions and rollbacks that end themselves by SIGKILL at a chosen instant, for another process to run."""

import os
import signal
import sys
from pathlib import Path

from eval.stats import figure
from finetune.hooks import Hooks
from finetune.promotion.promote import promote
from finetune.promotion.rollback import rollback
from tests.finetune.registries import Scripted, order, stages

figure([0.0, 1.0])  # what takes a second to import is imported once, before the forks
# What a process does to the folder: each time is an instant to die at, just before it.
WRITES = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile", "shutil.copytree"}


def killed(home: Path, what: str, instant: int) -> None:
    """Do `what` in the registry, and die before its write of that number; without one, be done."""
    count = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        if event in WRITES and str(home / "registry") in str(arguments) and _writes(event, arguments):
            count += 1
            if count == instant:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    if what == "promote":
        promote(order(home / "new"), stages(home, Scripted({})))
    else:
        rollback(stages(home).registry, Hooks(), "otto")


def _writes(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether a file is opened to be written."""
    mode, flags = (*arguments, None, 0)[1:3]
    written = isinstance(mode, str) and set(mode) & set("wa+x")
    return event != "open" or bool(written) or bool(isinstance(flags, int) and flags & os.O_WRONLY)
