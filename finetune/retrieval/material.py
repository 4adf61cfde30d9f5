"""What models of search are trained on: collections of documents with questions, whatever they come from.

A folder with `qrels.jsonl` is a test collection; a file of questions and passages becomes one, each passage a
document of its article; `finetune.retrieval.live` makes one of what is indexed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.collection import Collection, Entry, collections
from finetune.datasets.examples import Paragraph
from finetune.datasets.sources import read_source
from finetune.errors import BadSource
from finetune.retrieval.parts import EVENLY, Split, piece


@dataclass(frozen=True, slots=True)
class Material:
    """A collection, and how it is split.

    `paragraphs`: its documents as a file of questions has them. `pieces`: its documents are pieces of others,
    which are what is to be found.
    """

    collection: Collection
    split: Split = EVENLY
    paragraphs: tuple[Paragraph, ...] = ()
    pieces: bool = False


def read(source: Path) -> list[Material]:
    """The material in a folder or file.

    Raises:
        BadSource: it is neither, or cannot be read.
        BadQuestions: as `eval.collection.collections`.
    """
    if source.is_dir():
        return [Material(collection) for collection in collections(source)]
    if not source.is_file():
        raise BadSource(f"{source}: neither a folder with qrels.jsonl nor a file of questions and passages")
    return [_of_paragraphs(source.name.partition(".")[0], read_source(source))]


def _of_paragraphs(name: str, paragraphs: Sequence[Paragraph]) -> Material:
    """Paragraphs without an article are documents of their own. Few are held out: they tell what was lost."""
    names = [piece(one.article or f"{name}-{number}", number) for number, one in enumerate(paragraphs)]
    entries = [Entry(key, one.heading, one.text) for key, one in zip(names, paragraphs, strict=True)]
    asked = [
        (f"{name}-{number}-{place}", key, question.text)
        for number, (key, one) in enumerate(zip(names, paragraphs, strict=True))
        for place, question in enumerate(one.questions)
        if question.answer
    ]
    queries = {query: text for query, _, text in asked}
    relevant = {query: frozenset({key}) for query, key, _ in asked}
    return Material(Collection(name, tuple(entries), queries, relevant), Split(0, 5), tuple(paragraphs))
