"""What each principal must not learn, as `guardrails.rail.Withheld`: what documents closed to them say."""

import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

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
    """Knows the holdings of the tenants that asked last, as of now. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, seal: Seal, most: int = TENANTS) -> None:
        self.seal = seal
        self._catalog, self._most = catalog, most
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, principal: Principal) -> "DocumentsWithheld":
        """What is closed to `principal`. Nothing is looked up before it is needed."""
        return DocumentsWithheld(self, principal)

    def generation(self, principal: Principal) -> str:
        """That of what the principal's tenant has published."""
        return self._catalog.generation(principal)

    def holdings(self, principal: Principal) -> Holdings:
        """Those of the principal's tenant, read anew if anything was published or removed since."""
        with self._lock:
            generation = self._catalog.generation(principal)
            known = self._known.get(principal.tenant)
            if known is None or known.generation != generation:
                known = self._read(principal, generation)
            self._known[principal.tenant] = known
            self._known.move_to_end(principal.tenant)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
            return known.holdings

    def _read(self, principal: Principal, generation: str) -> _Known:
        """All of one generation, unless publications follow each other too fast: then some are newer."""
        for _ in range(ATTEMPTS):
            recipe, tenant = self.seal.recipe, principal.tenant
            restricted = self._catalog.fingerprints(tenant, recipe, restricted=True)
            holdings = Holdings.of(restricted, self._catalog.fingerprints(tenant, recipe, restricted=False))
            before, generation = generation, self._catalog.generation(principal)
            if before == generation:
                break
        return _Known(before, holdings)


class DocumentsWithheld:
    """For one principal and one request: what was closed when it was first asked for."""

    def __init__(self, withholder: Withholder, principal: Principal) -> None:
        self._withholder, self._principal = withholder, principal

    @cached_property
    def key(self) -> str:
        """Access and generation: principals of one access have the same withheld from them."""
        return f"{access_digest(self._principal)} {self._withholder.generation(self._principal)}"

    def among(self, shingles: Collection[int]) -> Collection[int]:
        """Those of `shingles` that stand in documents closed to the principal and in none open to them."""
        if access_filter(self._principal).groups is None or not shingles:
            return ()
        holdings, closed = self._looked_up
        if not closed.any():
            return ()
        values = list(shingles)
        return [values[place] for place in holdings.among(self._withholder.seal.hashes(values), closed)]

    @cached_property
    def _looked_up(self) -> tuple[Holdings, NDArray[np.bool_]]:
        holdings = self._withholder.holdings(self._principal)
        return holdings, holdings.closed_to(self._principal)
