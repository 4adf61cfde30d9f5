"""The search index of a store built in a process of its own.

The engine holds the interpreter lock while it builds: in a server's process nobody would be answered.
"""

import os
import subprocess
import sys
from enum import StrEnum
from pathlib import Path

from ingest.edge import EdgeStore
from ingest.errors import StoreFault

# Answers go first.
NICENESS = 10


class Indexed(StrEnum):
    """What came of building a search index."""

    NOTHING_DUE = "nothing due"
    OVERTAKEN = "overtaken"  # by something that was written meanwhile
    DONE = "done"


def index(place: Path, dimension: int) -> None:
    """Build the search index of the store in `place`, which nobody has open. Takes minutes.

    Raises:
        StoreFault: the process failed; what is in `place` is worth nothing.
    """
    command = [sys.executable, "-m", "ingest.indexing", str(place), str(dimension)]
    done = subprocess.run(command, capture_output=True, check=False, cwd=Path(__file__).parents[1])
    if done.returncode:
        raise StoreFault(
            f"the process that built the search index ended with {done.returncode}",
            "see that there is memory and disk for a second index; until then new chunks are scanned",
        )


def main() -> None:
    """Be that process."""
    os.nice(NICENESS)
    store = EdgeStore(Path(sys.argv[1]), int(sys.argv[2]))
    store.optimize()
    store.close()


if __name__ == "__main__":
    main()
