import json
import stat
import subprocess
import sys
import threading

import pytest

from ingest.errors import IndexBusy
from ingest.lock import LOCK, OWNER, Claim, Owner, claim

HOLD = "import sys; from pathlib import Path; from ingest.lock import claim; c = claim(Path(sys.argv[1]), 0, 'python -m ingest sync'); print('held', flush=True); sys.stdin.read()"  # noqa: E501  # a program


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def test_a_free_folder_is_ours_and_free_again_afterwards(tmp_path):
    for _ in range(2):
        with claim(tmp_path / "home") as held:
            assert isinstance(held, Claim)
    assert not (tmp_path / "home" / OWNER).exists()


def test_the_process_that_holds_it_is_named(tmp_path, holder):
    named = (
        rf"process {holder.pid} \(python -m ingest sync, since 20\d\d-.*\+00:00\) is working in {tmp_path}"
    )
    with pytest.raises(IndexBusy, match=named):
        claim(tmp_path)


def test_a_holder_of_an_earlier_version_is_named_by_its_process():
    assert str(Owner(42)) == "process 42"


def test_a_killed_holder_is_no_obstacle(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert (tmp_path / OWNER).exists()
    with claim(tmp_path) as held:
        assert isinstance(held, Claim)


def test_one_waits_for_a_holder_that_lets_go(tmp_path, holder):
    threading.Timer(0.3, holder.kill).start()
    with claim(tmp_path, wait=30) as held:
        assert isinstance(held, Claim)


def test_a_server_is_found_by_its_address_and_token(tmp_path):
    with claim(tmp_path) as held:
        served = held.serve("http://127.0.0.1:8000")
        assert claim(tmp_path) == served
        assert served.address == "http://127.0.0.1:8000"
        assert len(served.token) >= 32


def test_only_the_user_may_read_the_token(tmp_path):
    with claim(tmp_path) as held:
        held.serve("http://127.0.0.1:8000")
        for name in (OWNER, LOCK):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1, "other": 2}'])
def test_an_owner_that_says_nothing_sensible_is_unknown(tmp_path, holder, content):
    (tmp_path / OWNER).write_text(content)
    with pytest.raises(IndexBusy, match="process unknown"):
        claim(tmp_path)


def test_what_the_owner_says_is_json(tmp_path):
    with claim(tmp_path):
        assert Owner(**json.loads((tmp_path / OWNER).read_text())).address is None
