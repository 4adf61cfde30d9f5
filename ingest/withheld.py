"""What each principal must not learn, as `guardrails.rail.Withheld`: what documents closed to them say."""

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.access import Principal, access_digest, access_filter
from ingest.catalog import Catalog
from ingest.fingerprint import Seal
from ingest.holdings import Holdings

TENANTS = 32
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Known:
    generation: str
    holdings: Holdings


class Withholder:
    """Knows the holdings of the tenants that asked last, as of now. Safe to use from several threads.

    Closed are the tenant's own restricted documents; with `every_tenant` also all of every other tenant. What
    is stopped tells somebody who guesses what others hold, so that is for tenants that trust each other and
    for models that were trained on several's documents.
    """

    def __init__(
        self, catalog: Catalog, seal: Seal, *, every_tenant: bool = False, most: int = TENANTS
    ) -> None:
        self.seal, self.every_tenant = seal, every_tenant
        self._catalog, self._most = catalog, most
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()  # for a moment; a tenant's own is held while its catalog is read
        self._turns: dict[str, tuple[threading.Lock, int]] = {}  # and how many hold it or wait for it

    def of(self, principal: Principal) -> "DocumentsWithheld":
        """What is closed to `principal`. Nothing is looked up before it is needed."""
        return DocumentsWithheld(self, principal)

    def generation(self, principal: Principal) -> str:
        """That of what may be closed to the principal."""
        if self.every_tenant:
            return str(self._catalog.visibility().generation)
        return self._catalog.generation(principal)

    def holdings(self, principal: Principal) -> Holdings:
        """What is closed to some in the principal's tenant, read anew if anything was published since."""
        with self._turn(principal.tenant):
            generation = self.generation(principal)
            known = self._known.get(principal.tenant)
            if known is None or known.generation != generation:
                known = self._read(principal, generation)
            self._keep(principal.tenant, known)
            return known.holdings

    @contextmanager
    def _turn(self, tenant: str) -> Iterator[None]:
        """One at a time of a tenant reads; no tenant waits for another's."""
        with self._lock:
            lock, waiting = self._turns.get(tenant, (threading.Lock(), 0))
            self._turns[tenant] = lock, waiting + 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                lock, waiting = self._turns.pop(tenant)
                if waiting > 1:
                    self._turns[tenant] = lock, waiting - 1

    def _keep(self, tenant: str, known: _Known) -> None:
        with self._lock:
            self._known[tenant] = known
            self._known.move_to_end(tenant)
            while len(self._known) > self._most:
                self._known.popitem(last=False)

    def _read(self, principal: Principal, generation: str) -> _Known:
        """All of one generation, unless publications follow each other too fast: then some are newer."""
        kept, tenant, recipe = self._catalog.fingerprints, principal.tenant, self.seal.recipe
        for _ in range(ATTEMPTS):
            closed = kept.closed(tenant, recipe, every_tenant=self.every_tenant)
            holdings = Holdings.of(closed, kept.readable(tenant, recipe))
            before, generation = generation, self.generation(principal)
            if before == generation:
                break
        return _Known(before, holdings)


class DocumentsWithheld:
    """For one principal and one request: what was closed when it was first asked for.

    Without `cached_property`: before Python 3.12 it has all requests wait for the one that reads.
    """

    def __init__(self, withholder: Withholder, principal: Principal) -> None:
        self._withholder, self._principal = withholder, principal
        self._key = ""
        self._looked_up: tuple[Holdings, NDArray[np.bool_]] | None = None

    @property
    def key(self) -> str:
        """Access and generation: principals of one access have the same withheld from them."""
        if not self._key:
            generation = self._withholder.generation(self._principal)
            self._key = f"{access_digest(self._principal)} {generation}"
        return self._key

    def among(self, shingles: Collection[int]) -> Collection[int]:
        """Those of `shingles` that stand in documents closed to the principal and in none open to them."""
        sees_all = access_filter(self._principal).groups is None and not self._withholder.every_tenant
        if sees_all or not shingles:
            return ()
        holdings, closed = self._look_up()
        if not closed.any():
            return ()
        values = list(shingles)
        return [values[place] for place in holdings.among(self._withholder.seal.hashes(values), closed)]

    def _look_up(self) -> tuple[Holdings, NDArray[np.bool_]]:
        if self._looked_up is None:
            holdings = self._withholder.holdings(self._principal)
            self._looked_up = holdings, holdings.closed_to(self._principal)
        return self._looked_up
