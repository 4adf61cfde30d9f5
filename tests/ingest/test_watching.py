import threading
from queue import Queue

import pytest

from ingest import watching
from ingest.watching import stirs


@pytest.fixture
def stirred(tmp_path, monkeypatch):
    """A folder that is watched in a thread, and the queue of what stirs."""
    monkeypatch.setattr(watching, "CALM", 10)
    monkeypatch.setattr(watching, "LOOK", 50)
    stop, told = threading.Event(), Queue()
    (tmp_path / "home").mkdir()

    def watch():
        for stir in stirs([tmp_path], tmp_path / "home", stop):
            told.put(stir)

    thread = threading.Thread(target=watch)
    thread.start()
    told.get(timeout=30)
    yield tmp_path, told
    stop.set()
    thread.join()


def test_a_change_stirs_and_what_is_hidden_or_ours_does_not(stirred):
    folder, told = stirred
    for quiet in (".hidden", "home/catalog.db"):
        (folder / quiet).write_text("x")
    (folder / "a.txt").write_text("x")
    told.get(timeout=30)
    assert told.empty()
    (folder / ".plumbline.yaml").write_text("groups: [hr]")
    told.get(timeout=30)
    (folder / "a.txt").unlink()
    told.get(timeout=30)
