"""Tokens that their issuers published as examples: they open nothing, and documentation is full of them.

Kept as hashes, so that scanners of this repository stay quiet.
"""

import hashlib

_HASHES = (
    "2037abcaffb2 3f370c9dd822 e4a5542bb7fd a19f89ab3555 0b476bdf9acf eb540d2b6ee2 37f8f09bdf12 "
    "8731261cb72d 49f777db995e 27a9a42931df dc0fcf046c61 4c98242dcadc ea9bb1082cf9 3a8b61d0f636 "
    "a6c814bc555a 2f21fd9c8167"
)  # of the SHA-256, the first twelve digits
_PUBLISHED = frozenset(_HASHES.split())


def is_published(value: str) -> bool:
    """Whether the value is a published example."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:12] in _PUBLISHED
