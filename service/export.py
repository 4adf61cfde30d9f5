"""Rated answers → rows that `finetune build` learns from, read as a principal.

A row is bound to what the model was shown: each of its passages must still stand in the index, word for
word, where the principal may read it. What was changed, deleted or redacted is no longer what was rated.

A row: `{"id","question","answers","passages","answerable","source","title","feedback":{...}}`. `answers`
holds what is to be learnt, in the words of the first passage; none when the passages do not hold it.
`feedback.rejected` is what was answered instead, where somebody corrected it.
"""

import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from ingest.access import Principal
from ingest.errors import NotIndexed
from ingest.record import Record
from service.answer import Shown, fingerprint
from service.citations import claim, reordered, verbatim
from service.errors import BadRequest
from service.prompts import REFUSAL
from service.records import Rated

# Why a rated answer makes no row.
NOT_KEPT = "its question and answer were not kept"
NO_ANSWER = "it was rated down without a correction"
CHANGED = "a passage that was shown is gone, changed, redacted or not for this reader"
ELSEWHERE = "the right answer stands word for word in no passage that was shown"


class Texts(Protocol):
    """Documents with their texts, for a principal: `ingest.catalog.Catalog`."""

    def document(self, principal: Principal, document_id: str) -> Record:
        """One document. Raises `NotIndexed` if there is none that the principal may read."""
        ...


@dataclass(frozen=True, slots=True)
class Export:
    """The rows, and how many ratings made none, by the reason."""

    rows: list[dict[str, Any]]
    skipped: Mapping[str, int]


class _Source(NamedTuple):
    uri: str
    title: str
    text: str


def export(ratings: Iterable[Rated], texts: Texts, principal: Principal) -> Export:
    """The rows of the ratings that something can be learnt from; of equal ones the first."""
    rows: dict[str, dict[str, Any]] = {}
    skipped: Counter[str] = Counter()
    for rated in ratings:
        row = _row(rated, texts, principal)
        if isinstance(row, str):
            skipped[row] += 1
        else:
            told = [row[name] for name in ("question", "answers", "passages")]
            rows.setdefault(json.dumps([*told, row["feedback"]["rejected"]]), row)
    return Export(list(rows.values()), dict(skipped))


def write(rows: Iterable[Mapping[str, Any]], out: Path) -> int:
    """Write a row a line into the new file `out`, whole or not at all; only its owner can read it.

    Once it is written it is on the disk: what it holds may be deleted elsewhere. Returns how many rows.

    Raises:
        BadRequest: `out` exists, or cannot be written.
    """
    if out.exists():
        raise BadRequest(f"{out} exists: choose another --out, or remove it")
    try:
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=".export-") as folder:
            draft = Path(folder) / out.name
            draft.touch(mode=0o600)
            with draft.open("w", encoding="utf-8") as file:
                count = 0
                for count, row in enumerate(rows, 1):  # noqa: B007  # how many there were
                    file.write(f"{json.dumps(row, ensure_ascii=False)}\n")
                file.flush()
                os.fsync(file.fileno())
            draft.replace(out)
    except OSError as error:
        raise BadRequest(f"{out} cannot be written ({error.strerror}): choose another --out") from error
    return count


def _row(rated: Rated, texts: Texts, principal: Principal) -> dict[str, Any] | str:
    """The row of a rated answer, or why there is none."""
    if rated.question is None:
        return NOT_KEPT
    told = claim(rated.correction or (rated.answer if rated.rating == "up" else None) or "")
    if not told:
        return NO_ANSWER
    sources = _sources(rated.context, texts, principal)
    if not sources:
        return CHANGED
    answers: list[str] = []
    place = 0
    if not told.casefold().startswith(REFUSAL.casefold()):
        found = verbatim(told, [source.text for source in sources])
        if found is None:
            return ELSEWHERE
        answers, place = [found[0]], found[1]
        sources.insert(0, sources.pop(place))
    return {
        "id": rated.answer_id,
        "question": rated.question,
        "answers": answers,
        "passages": [source.text for source in sources],
        "answerable": bool(answers),
        "source": "feedback",
        "title": sources[0].title,
        "feedback": _provenance(rated) | _shown(sources) | {"rejected": _rejected(rated, place)},
    }


def _shown(sources: Sequence[_Source]) -> dict[str, list[str]]:
    """What the row's passages are called, and which documents they are of."""
    return {
        "titles": [source.title for source in sources],
        "documents": [source.uri for source in sources],
    }


def _rejected(rated: Rated, place: int) -> str | None:
    """What was answered and corrected, its citations numbered as the row's passages; None if nothing was.

    The passage at `place` has come to the front of them.
    """
    if rated.correction is None or rated.answer is None or claim(rated.answer) == claim(rated.correction):
        return None
    moved = {number: number + 1 for number in range(1, place + 1)} | {place + 1: 1}
    return reordered(rated.answer, moved)


def _provenance(rated: Rated) -> dict[str, Any]:
    """What the row came from. Without the asker: training needs no name."""
    return {
        "rating": rated.rating,
        "comment": rated.comment,
        "at": rated.at,
        "model": rated.model,
        "policy": rated.policy,
        "chunk_ids": [name for shown in rated.context for name in shown.chunk_ids],
    }


def _sources(context: Sequence[Shown], texts: Texts, principal: Principal) -> list[_Source]:
    """The passages as they stand in the index now, if all of them are what was shown; else none."""
    sources = []
    for shown in context:
        try:
            record = texts.document(principal, shown.document_id)
        except NotIndexed:
            return []
        text = record.text[shown.start : shown.end]
        if fingerprint(text) != shown.digest:
            return []
        sources.append(_Source(record.uri, record.title, text))
    return sources
