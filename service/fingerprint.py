"""What answers depend on, as a few short words: two evaluations are compared by these first.

Each word is a name, or 12 characters of a SHA-256 over what it stands for.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest.access import Principal
from ingest.facts import EMBEDDER
from ingest.library import Library
from ingest.record import Record
from service.prompts import messages
from service.settings import ServiceSettings
from service.startup import Terms

VERSION = "0.1.0"
ROOT = Path(__file__).parent.parent
FOLDERS = ("guardrails", "ingest", "service")
SOURCES = frozenset({".py", ".json", ".npz", ".yaml", ".safetensors"})
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class _Source:
    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of a service, as one principal meets it.

    `corpus`: what the documents say that the principal may read, and who else may; not where they lie.
    `index`: how they are cut, how many passages are looked for, and who puts them in order. `prompt`: its
    words, its layout, and how long it and the answer may be. `service`: version and code.
    """

    corpus: str
    index: str
    embedder: str
    prompt: str
    adapter: str
    policy: str
    service: str


def fingerprint(
    library: Library, settings: ServiceSettings, principal: Principal, terms: Terms
) -> Fingerprint:
    """The service's fingerprint for `principal`. Blocking; reads the whole listing of documents.

    Raises:
        CatalogFault: the listing cannot be read.
    """
    records = list(_readable(library, principal))
    said = sorted((each.content_hash, sorted(each.access.groups)) for each in records)
    cut = sorted((each.content_hash, each.chunks) for each in records)
    source = _Source("heading", "text")
    lengths = (settings.passages, settings.context_tokens, settings.max_tokens)
    return Fingerprint(
        corpus=digest(said),
        index=digest([cut, settings.retrieve, *filter(None, [settings.reranker])]),
        embedder=library.catalog.fact(EMBEDDER) or library.embedder.name,
        prompt=digest([messages("question", [source, source]), lengths]),
        adapter=terms.adapter,
        policy=terms.policy,
        service=f"{VERSION}+{_code()}",
    )


def digest(value: object) -> str:
    """12 characters of the SHA-256 of what JSON makes of `value`."""
    return hashlib.sha256(json.dumps(value, ensure_ascii=False).encode()).hexdigest()[:12]


def _readable(library: Library, principal: Principal) -> Iterator[Record]:
    cursor = None
    while True:
        page = library.documents(principal, _PAGE, cursor)
        yield from page.records
        cursor = page.next
        if cursor is None:
            return


@cache
def _code() -> str:
    """Of all that runs: a version alone does not tell two states of a working tree apart."""
    files = sorted(file for name in FOLDERS for file in (ROOT / name).rglob("*") if file.suffix in SOURCES)
    return digest(
        [(str(file.relative_to(ROOT)), hashlib.sha256(file.read_bytes()).hexdigest()) for file in files]
    )
