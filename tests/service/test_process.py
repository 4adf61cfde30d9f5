"""Programs that run beside the server, and end with it however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.process import LEASH, Process

PATIENT = "import time; print('here', flush=True); time.sleep(600)"
SILENT = "import time; time.sleep(600)"
LEAVES = f"import subprocess, sys;print(subprocess.Popen([sys.executable, '-c', {SILENT!r}]).pid, flush=True)"


def until(holds) -> None:
    end = time.monotonic() + 600
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # What has ended and was not waited for (its parent is dead as well) counts as gone.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.fixture
def log(tmp_path):
    return tmp_path / "logs" / "program.log"


def test_what_a_program_says_is_kept_and_it_ends_when_it_is_released(log):
    process = Process([sys.executable, "-c", PATIENT], log)
    until(lambda: log.read_text() == "here\n")
    assert process.alive
    assert not process.wait(0)
    process.release()
    assert process.wait(600)
    assert not process.alive


def test_a_program_that_ends_by_itself_is_no_longer_alive(log):
    process = Process([sys.executable, "-c", "print('done')"], log)
    assert process.wait(600)
    assert not process.alive
    assert log.read_text() == "done\n"
    process.release()


def test_what_the_program_before_said_is_kept_beside_it(log):
    for word in ("one", "two", "three"):
        process = Process([sys.executable, "-c", f"print({word!r})"], log)
        assert process.wait(600)
        process.release()
    assert (log.read_text(), Path(f"{log}.1").read_text()) == ("three\n", "two\n")


def test_a_program_ends_when_its_keeper_is_killed(tmp_path):
    note = tmp_path / "pid"
    program = (
        f"import os, pathlib, time; pathlib.Path({str(note)!r}).write_text(str(os.getpid())); time.sleep(600)"
    )
    keeper = (
        "import subprocess, sys, time;"
        f"subprocess.Popen([sys.executable, {str(LEASH)!r}, sys.executable, '-c', {program!r}],"
        " stdin=subprocess.PIPE);"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", keeper]) as running:
        until(lambda: note.exists() and note.read_text())
        kept = int(note.read_text())
        assert not gone(kept)
        running.send_signal(signal.SIGKILL)
    until(lambda: gone(kept))
    assert gone(kept)


def test_what_a_program_leaves_behind_ends_with_it(log):
    process = Process([sys.executable, "-c", LEAVES], log)
    assert process.wait(600)
    left = int(log.read_text().split()[0])
    until(lambda: gone(left))
    process.release()
