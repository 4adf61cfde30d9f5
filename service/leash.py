"""Runs a program for as long as standard input stays open: its keeper may end in any way, also killed.

`python leash.py PROGRAM ARGUMENT...`; imports nothing of ours, since it is started as a file.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

GRACE = 20.0  # seconds between asking a program to end and ending it


def main() -> int:
    """Run the program; returns its exit code."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_hold, args=(program,), daemon=True).start()
    code = program.wait()
    _signal(program, signal.SIGKILL)  # what it may have left behind
    return code


def _hold(program: subprocess.Popen[bytes]) -> None:
    while os.read(0, 1):  # no buffered reader: its lock would be held when the interpreter ends
        pass
    _signal(program, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        program.wait(GRACE)
        return
    _signal(program, signal.SIGKILL)


def _signal(program: subprocess.Popen[bytes], kind: signal.Signals) -> None:
    """Tell the program and all that it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(program.pid, kind)


if __name__ == "__main__":
    sys.exit(main())
