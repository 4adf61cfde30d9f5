"""Passages that say nearly the same, as ingestion compares documents: MinHash over shingles."""

from collections.abc import Iterable, Iterator

from guardrails.shingles import VERSION, kept
from ingest.fingerprint import Fingerprint
from ingest.resemblance import Signature, signature, similarity

ALIKE = 0.7  # share of shingles in common; a changed word costs a dozen of them
_BYTES = 8  # of a shingle's hash
Node = tuple[str, str]  # a kind and a name


def near_passages(passages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Pairs of different passages that are alike; each with the first that shares a band with it."""
    first: dict[tuple[int, str], tuple[str, Signature]] = {}
    for passage in dict.fromkeys(passages):
        made = signature(_fingerprint(passage))
        if made is None:
            continue
        met = {first.setdefault(place, (passage, made)) for place in enumerate(made.bands)}
        for other, sketch in met - {(passage, made)}:
            if similarity(made.minima, sketch.minima) >= ALIKE:
                yield other, passage


def _fingerprint(text: str) -> Fingerprint:
    """Nobody keeps it, so it needs no key."""
    return Fingerprint(VERSION, b"".join(value.to_bytes(_BYTES, "big") for value in sorted(kept(text))))


class Groups:
    """Sets that grow together (union-find); each is named by the least of its members."""

    def __init__(self) -> None:
        self._above: dict[Node, Node] = {}

    def join(self, one: Node, other: Node) -> None:
        """Make one set of theirs."""
        low, high = sorted((self.top(one), self.top(other)))
        self._above[high] = low

    def top(self, node: Node) -> Node:
        """The name of its set."""
        self._above.setdefault(node, node)
        while (above := self._above[node]) != node:
            self._above[node] = self._above[above]
            node = above
        return node
