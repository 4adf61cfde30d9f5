"""What is compiled for the processor, in a process of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DROPPED = """
import gc, signal, threading
from ingest.embed import SentenceEmbedder
from ingest.settings import IngestSettings

held = [SentenceEmbedder(converted=IngestSettings().cache / "openvino")]
held[0].encode(["some words"] * 8)
held[0].encode_query("a question")
dropping = threading.Thread(target=lambda: (held.clear(), gc.collect()))
dropping.start()
dropping.join()
try:
    signal.raise_signal(signal.SIGINT)
except KeyboardInterrupt:
    print("told")
"""


def test_signals_are_handled_after_a_model_is_dropped_by_another_thread_than_the_one_that_made_it():
    done = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert (done.returncode, done.stdout) == (0, "told\n"), done.stderr
