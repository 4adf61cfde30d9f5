"""Indexed passages to find an answer in, read as a principal, one document in memory at a time."""

from bisect import bisect_left
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from eval.corpus import Corpus, Source
from eval.generator.layout import sentences
from finetune.datasets.wording import words
from guardrails.words import Word, Words
from ingest.access import Access
from ingest.chunk import chunk
from ingest.documents import Document, document_id
from service.citations import verbatim


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document, as long as retrieval shows it; `start` counts the document's characters."""

    uri: str
    heading: str
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """An answer that is looked for, and what was asked."""

    question: str
    answer: str


class Library(Protocol):
    """Where answers are looked for."""

    def find(self, wanted: Sequence[Wanted]) -> list[Passage | None]:
        """For each answer the passage that says it word for word and is most like the question; or None."""
        ...

    def restricted(self, uris: Collection[str]) -> int:
        """How many of these documents are kept to some groups: who learns from them may tell anyone."""
        ...


class NoLibrary:
    """Nothing is indexed, or may be looked at."""

    def find(self, wanted: Sequence[Wanted]) -> list[Passage | None]:
        """Nothing."""
        return [None for _ in wanted]

    def restricted(self, uris: Collection[str]) -> int:  # noqa: ARG002  # as `Library.restricted`
        """None."""
        return 0


class CorpusLibrary:
    """Looks through all documents once, however many answers are looked for."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus

    def find(self, wanted: Sequence[Wanted]) -> list[Passage | None]:
        """As `Library.find`."""
        best: list[tuple[float, Passage] | None] = [None for _ in wanted]
        needed = [frozenset(words(each.answer)) for each in wanted]
        asked = [frozenset(Words(each.question).content) for each in wanted]
        for source in self._corpus.sources():
            held = frozenset(words(source.text))
            likely = [place for place, said in enumerate(needed) if said and said <= held]
            for passage in passages(source) if likely else ():
                for place in likely:
                    if verbatim(wanted[place].answer, [passage.text]):
                        share = _share(asked[place], f"{passage.heading} {passage.text}")
                        best[place] = max(best[place] or (0.0, passage), (share, passage), key=_first)
        return [found[1] if found else None for found in best]

    def restricted(self, uris: Collection[str]) -> int:
        """As `Library.restricted`."""
        return self._corpus.restricted(uris)


def passages(source: Source) -> Iterator[Passage]:
    """A document cut as ingestion cuts it, but for headings and blocks that only its file knew."""
    named = document_id("", source.uri)
    document = Document(named, source.uri, source.title, source.text, "", Access("", source.groups))
    told = [(sentence.start, sentence.heading) for sentence in sentences(source)]
    for piece in chunk(document):
        first, last = (bisect_left(told, (place, "")) for place in (piece.start, piece.end))
        inside = {heading for _, heading in told[first:last]} - {"", source.title}
        path = (
            [source.title, *inside] if len(inside) == 1 else [source.title]
        )  # of two it stands under neither
        yield Passage(source.uri, " > ".join(filter(None, path)), piece.text, piece.start)


def cut(text: str) -> Iterator[str]:
    """A text in pieces as long as retrieval shows them."""
    return (passage.text for passage in passages(Source("", "", text)))


def _share(asked: frozenset[Word], text: str) -> float:
    held = frozenset(Words(text).content)
    return len(asked & held) / max(1, len(asked))


def _first(pair: tuple[float, Passage]) -> float:
    return pair[0]
