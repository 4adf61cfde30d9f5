import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from finetune.datasets.dataset import load
from finetune.errors import BadPlace
from finetune.scratch import written_whole
from tests.finetune.making import make

ROOT = Path(__file__).parents[2]
# Builds as the command does, and kills itself the n-th time that it comes to a function.
PROGRAM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
source, out, name, number = sys.argv[1:]
from finetune.datasets import dataset
from finetune import scratch
left = [int(number)]
module = scratch if hasattr(scratch, name) else dataset
real = getattr(module, name)
def dying(*arguments, **more):
    result = real(*arguments, **more)
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return result
setattr(module, name, dying)
from tests.finetune.making import make
make([Path(source)], Path(out))
"""
ROWS = '{"question":"When was it?","answers":[],"passages":["It was founded in Turku."],"answerable":false}'


@pytest.fixture
def source(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text(ROWS)
    return file


@pytest.mark.parametrize(("step", "number"), [("clean", 1), ("write_readings", 2), ("_sync", 3)])
def test_a_killed_build_leaves_no_dataset_and_the_next_one_completes_it(tmp_path, source, step, number):
    out = tmp_path / "data"
    arguments = [sys.executable, "-c", PROGRAM, str(source), str(out), step, str(number)]
    killed = subprocess.run(arguments, cwd=ROOT, capture_output=True, check=False, env=os.environ)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not out.exists()
    assert (tmp_path / ".data.building").exists()
    make([source], out)
    assert load(out).manifest["readings"] > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "rows.jsonl"]


def test_two_builds_of_one_dataset_do_not_meet(tmp_path):
    out = tmp_path / "data"
    with written_whole(out) as scratch:
        (scratch / "a").touch()
        with pytest.raises(BadPlace, match="another process"), written_whole(out):
            pass
    assert [path.name for path in out.iterdir()] == ["a"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with (
        pytest.raises(BadPlace, match=r"file.data cannot be written"),
        written_whole(tmp_path / "file" / "data"),
    ):
        pass
