"""A program of ours that runs beside the server, and never outlives it."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LEASH = Path(__file__).with_name("leash.py")


class Process:
    """A program on a leash (`service.leash`); what it says goes into a file.

    What one before it said is kept beside that, as `.1`: why it ended is to be read after the next has begun.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(f"{log}.1")
        with log.open("wb") as sink:
            # In a session of its own: a Ctrl-C at the terminal is for the server, which then lets go.
            self._leash = subprocess.Popen(
                [sys.executable, str(LEASH), *command],
                stdin=subprocess.PIPE,
                stdout=sink,
                stderr=sink,
                start_new_session=True,
            )

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._leash.poll() is None

    def release(self) -> None:
        """Ask it to end, and do not wait; it is ended if it does not."""
        if self._leash.stdin is not None:
            self._leash.stdin.close()

    def wait(self, seconds: float) -> bool:
        """Wait until it has ended, `seconds` at most; returns whether it has."""
        try:
            self._leash.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True
