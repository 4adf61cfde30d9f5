"""Where vector stores lie, by name: folders of this process, or a server's collections (ingest.qdrant)."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from ingest.errors import StoreFault
from ingest.identity import Identity, identity
from ingest.store import VectorStore

OpenStore = Callable[[Path, int], VectorStore]
FAMILY = "vectors"


class Stores(Protocol):
    """A catalog's vector stores: the one in use, and what a rebuild makes beside it."""

    @property
    def shared(self) -> bool:
        """Whether other processes may use, replace and write to them too."""
        ...

    def open(self, name: str, dimension: int) -> VectorStore:
        """Open the store, or create it."""
        ...

    def check(self, name: str) -> None:
        """See that the store is there, and the one that was opened if it was.

        Raises:
            StoreFault: it is not.
        """
        ...

    def keep(self, name: str) -> None:
        """Remove all others of the same catalog: those that were replaced, or never finished."""
        ...


class FolderStores:
    """Stores in the data folder, each a folder of its own. One process has them."""

    shared = False

    def __init__(self, folder: Path, open_store: OpenStore) -> None:
        """`open_store(folder, dimension)` opens or creates a vector store."""
        self._folder, self._open = folder, open_store
        self._opened: dict[str, Identity | None] = {}

    def open(self, name: str, dimension: int) -> VectorStore:
        """Open the store in the folder `name`, or create it."""
        store = self._open(self._folder / name, dimension)
        self._opened[name] = identity(self._folder / name)
        return store

    def check(self, name: str) -> None:
        """The vectors lie in this folder, though the catalog may lie in a database that others reach too.

        With an empty store beside a full catalog, documents would be listed and never found, and the versions
        that another process is publishing would be swept away under it. Once opened, the folder is still the
        one that was: the store would go on without it, reading its memory maps of files that are gone.
        """
        opened = self._opened.get(name)
        if name in self._opened:
            if opened is not None and identity(self._folder / name) != opened:
                raise StoreFault(
                    f"the vector store's folder ({name}) was moved, removed or replaced",
                    "put it back where it was, or restore it from a backup and start anew",
                )
        elif not (self._folder / name).is_dir():
            raise StoreFault(
                f"the catalog's vectors ({name}) are not in {self._folder}",
                "one catalog belongs to one data folder: set PLUMBLINE_HOME to it, restore it from a backup, "
                "or begin with an empty catalog",
            )

    def keep(self, name: str) -> None:
        """Remove the folders of other stores."""
        for folder in self._folder.glob(f"{FAMILY}-*"):
            if folder.name != name:
                # Whoever builds an index there for a server that is gone still writes: then another time.
                shutil.rmtree(folder, ignore_errors=True)
