"""The search index kept up with what is written, while the server answers."""

import threading

from ingest.errors import IngestError
from ingest.indexing import Indexed
from ingest.library import Library
from service.telemetry import log, warn

# Seconds without a publication that count as quiet, and between two looks.
QUIET = 30.0
# Indexes thrown away because something was written meanwhile, before writers are told to wait for one.
PATIENCE = 2


class Upkeep:
    """A thread that has the library index what is due, at quiet times."""

    def __init__(self, library: Library, quiet: float = QUIET) -> None:
        self._library, self._quiet = library, quiet
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)
        self._seen = self._settled = -1
        self._overtaken = 0

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more. An index that is being built is given up with the process."""
        self._stopping.set()

    def look(self) -> None:
        """Index what is due, if nothing was written since the last look, or if it had to wait for long."""
        generation = self._library.catalog.visibility().generation
        quiet, self._seen = generation == self._seen, generation
        impatient = self._overtaken >= PATIENCE
        if generation == self._settled or not (quiet or impatient):
            return
        outcome = self._library.index_beside(hold=impatient)
        if outcome is Indexed.OVERTAKEN:
            self._overtaken += 1
            return
        # Whatever is still in no index now, another attempt would not put there either.
        self._overtaken, self._settled = 0, self._library.catalog.visibility().generation
        if outcome is Indexed.DONE:
            log("search index built anew")

    def _run(self) -> None:
        while not self._stopping.wait(self._quiet):
            try:
                self.look()
            except IngestError as error:
                warn("search index not built", reason=str(error))
