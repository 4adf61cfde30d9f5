"""Packing: what of the retrieved passages the prompt holds, and in which order, within a budget of tokens.

Taken best first; what was said already is left out, what does not fit whole is cut at the end of a sentence.
What was taken is shown best first, since small models believe what comes first; neighbours under one heading
are joined, so that no paragraph breaks off where a chunk ended. Rows of a table break nothing off: joined,
they would only be more rows for the model to take the wrong one from.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from guardrails.sentences import sentences
from ingest.documents import Passage
from service.errors import ContextTooLong
from service.prompts import messages
from service.repetition import repeats
from service.retrieve import Candidate
from service.spans import step

_ROW = re.compile(r"[^:;|\n]+: [^;|\n]*(?:(?:;| \|) [^:;|\n]+: [^;|\n]*)+")  # as readers write tables
GAP = 1  # characters between neighbours; where a paragraph ends (2), nothing breaks off
LEAST = 1 / 3  # of a passage must be left for a cut one to be worth its place

CountTokens = Callable[[Sequence[dict[str, str]]], int]
Fits = Callable[[Sequence[Candidate]], bool]


@dataclass(frozen=True, slots=True)
class Block:
    """What a number in the prompt stands for: a passage, or neighbours of one document that read as one.

    `text` is what the model sees (secrets redacted) below `heading`; citations are looked up in `passages`.
    """

    heading: str
    text: str
    passages: tuple[Passage, ...]


@step("pack")
def pack(
    question: str, candidates: Sequence[Candidate], most: int, budget: int, count: CountTokens
) -> list[Block]:
    """At most `most` blocks of the candidates (best first), whose prompt fits into `budget` tokens.

    Raises:
        ContextTooLong: the question alone does not fit.
    """

    def fits(chosen: Sequence[Candidate]) -> bool:
        blocks = arranged(chosen)
        return len(blocks) <= most and count(messages(question, blocks)) <= budget

    # Counting is what packing costs, and mostly everything fits: then one count tells.
    chosen = _taken(candidates, most, lambda _: True)
    if fits(chosen):
        return arranged(chosen)
    if not fits([]):
        raise ContextTooLong(
            f"the question is longer than the {budget} tokens that fit; shorten it, "
            "or raise service.context_tokens for a model with a longer context"
        )
    return arranged(_taken(candidates, most, fits))


def _taken(candidates: Sequence[Candidate], most: int, fits: Fits) -> list[Candidate]:
    """Of the candidates, those that say something new and fit, cut where they have to be."""
    chosen: list[Candidate] = []
    for candidate in candidates:
        wider = [*chosen, candidate]
        # A further candidate may yet be a neighbour, which takes no number of its own.
        if any(repeats(candidate.text, other.text) for other in chosen) or len(arranged(wider)) > most:
            continue
        if fits(wider):
            chosen = wider
        elif cut := _cut(chosen, candidate, fits):
            chosen.append(cut)
    return chosen


def arranged(chosen: Sequence[Candidate]) -> list[Block]:
    """The candidates (best first) as they are shown: neighbours joined, a block where its best one stood."""
    ranks = {candidate.passage.chunk_id: rank for rank, candidate in enumerate(chosen)}
    blocks: list[Block] = []
    for candidate in sorted(chosen, key=_place):
        joined = _joined(blocks[-1], candidate) if blocks else None
        if joined:
            blocks[-1] = joined
        else:
            blocks.append(Block(candidate.heading, candidate.text, candidate.readable))
    return sorted(blocks, key=lambda block: min(ranks[passage.chunk_id] for passage in block.passages))


def _place(candidate: Candidate) -> tuple[str, int, int]:
    passage = candidate.passage
    return passage.document_id, passage.start, passage.end


def _joined(block: Block, candidate: Candidate) -> Block | None:
    """The block with the candidate read on from it; None if the two are no neighbours."""
    last, passage = block.passages[-1], candidate.passage
    gap = passage.start - last.end
    if passage.document_id == last.document_id and passage.end <= last.end and block.text.endswith(last.text):
        return replace(block, passages=(*block.passages[:-1], passage, last))  # it was shown with the last
    if passage.document_id != last.document_id or candidate.heading != block.heading or gap > GAP:
        return None
    if _is_table(last.text) or _is_table(passage.text):
        return None
    text = f"\n{candidate.text}" if gap > 0 else candidate.text[-gap:]
    # Where secrets were taken out, places in the text no longer count characters of the document.
    if gap < 0 and (candidate.text != passage.text or not block.text.endswith(last.text)):
        return None
    return replace(block, text=block.text + text, passages=(*block.passages, *candidate.readable))


def _is_table(text: str) -> bool:
    rows = [line for line in text.splitlines() if line]
    return bool(rows) and all(map(_ROW.fullmatch, rows))


def _cut(chosen: Sequence[Candidate], candidate: Candidate, fits: Fits) -> Candidate | None:
    """The candidate up to the end of the last sentence that fits; None if too little of it does."""
    text, passage = candidate.text, candidate.passage
    if text != passage.text:
        return None
    ends = [end for _, end in sentences(text) if LEAST * len(text) <= end < len(text)]
    best = None
    low, high = 0, len(ends)
    while low < high:
        middle = (low + high) // 2
        kept = text[: ends[middle]].rstrip()
        shorter = replace(passage, text=kept, end=passage.start + len(kept))
        tried = replace(candidate, passage=shorter, text=kept)
        if fits([*chosen, tried]):
            best, low = tried, middle + 1
        else:
            high = middle
    return best
