"""A test set from the indexed documents: draft → verify → choose. By rules; the same seed, the same set.

Every question is verified against its source before it is kept: the answer stands in the evidence, and what
is said to be absent or forbidden stands in no document that the asker may read.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import Protocol

from eval.corpus import Corpus, Source
from eval.dataset import Kind, Question
from eval.errors import NothingToAsk
from eval.evidence import says
from eval.generator import factual, follow_up, multi_passage, outdated, permission, table, unanswerable
from eval.generator.material import Draft, Material, Rule
from ingest.access import Access

# Another kind of question is one file and one line here.
RULES: Mapping[Kind, Rule] = {
    "factual": factual.propose,
    "table": table.propose,
    "multi_passage": multi_passage.propose,
    "unanswerable": unanswerable.propose,
    "outdated": outdated.propose,
    "permission": permission.propose,
    "follow_up": follow_up.propose,
}
_SPARE = 3  # drafts a wanted question: some do not stand up to verification


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: how many questions, of which kinds, from at most how many documents."""

    count: int = 100
    kinds: tuple[Kind, ...] = tuple(RULES)
    seed: int = 7
    documents: int = 1_000


class Generator(Protocol):
    """Makes test sets of the documents that a principal may read."""

    def generate(self, corpus: Corpus, order: Order) -> list[Question]:
        """Up to `order.count` verified questions, none of them reviewed. Raises `NothingToAsk`."""
        ...


class RuleGenerator:
    """Makes questions by templates. It knows English only, and no more than the templates say."""

    def generate(self, corpus: Corpus, order: Order) -> list[Question]:
        """Questions of all kinds that the documents give, in equal shares as far as they go.

        Raises:
            NothingToAsk: the documents give none.
        """
        dice = random.Random(order.seed)  # noqa: S311  # a reproducible choice, not a secret
        material = Material.of(corpus.sample(order.documents, dice), corpus.principal)
        drafts = {
            kind: _drawn(list(RULES[kind](material)), order.count * _SPARE, dice) for kind in order.kinds
        }
        texts = {source.uri: source for source in material.sources}
        sound = [draft for found in drafts.values() for draft in found if _is_sound(draft, texts)]
        kept = _absent(sound, corpus)
        chosen = _shares([[one for one in kept if one.kind == kind] for kind in order.kinds], order.count)
        if not chosen:
            raise NothingToAsk(
                "no question can be made of the documents: is anything indexed for this reader?"
            )
        return chosen


def _drawn(drafts: list[Draft], count: int, dice: random.Random) -> list[Draft]:
    """Some of the drafts, each question once."""
    unique = list({draft.question.id: draft for draft in drafts}.values())
    return dice.sample(unique, min(count, len(unique)))


def _is_sound(draft: Draft, sources: Mapping[str, Source]) -> bool:
    """Whether the evidence says what it must: the answers, or what the asker must not be told."""
    question = draft.question
    words = question.forbidden or question.answers[:1]
    spans = " ".join(sources[one.uri].text[one.start : one.end] for one in question.evidence)
    return bool(question.evidence) is bool(words) and all(says(word, spans) for word in words)


def _absent(drafts: Sequence[Draft], corpus: Corpus) -> list[Question]:
    """The questions whose absent words no document holds that the asker may read: all documents are read."""
    present: set[str] = set()
    tenant = corpus.principal.tenant
    searched = [draft for draft in drafts if draft.absent]
    for source in corpus.sources() if searched else ():
        text = " ".join(source.text.casefold().split())
        access = Access.of(tenant, source.groups)
        for draft in searched:
            if _holds(text, draft.absent) and draft.question.principal.may_read(access):
                present.add(draft.question.id)
    return [draft.question for draft in drafts if draft.question.id not in present]


def _holds(text: str, absent: Sequence[Sequence[str]]) -> bool:
    """Whether a text, in small letters, holds all words of one of `absent`; parts of words count as well."""
    return any(all(word.casefold() in text for word in words) for words in absent)


def _shares(kinds: Sequence[Sequence[Question]], count: int) -> list[Question]:
    """`count` questions: one of each kind in turn, and what one kind lacks from the others. By kind again."""
    turns = [one for one in chain.from_iterable(zip_longest(*kinds)) if one is not None]
    taken = {one.id for one in turns[:count]}
    return [one for kind in kinds for one in kind if one.id in taken]
