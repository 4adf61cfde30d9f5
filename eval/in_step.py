"""Whether the index is in step with its documents and with the questions, before a night begins."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import stale
from ingest.record import Record

MOST_NAMED = 3
ON_DISK = "file://"


def out_of_step(corpus: Corpus, indexed: Indexed, questions: Sequence[Question]) -> list[str]:
    """What is not in step, a sentence each; nothing, if all is well. Blocks: it reads files' times."""
    records = list(corpus.records())
    if not records:
        return ["The index holds no document of this tenant: run `python -m ingest sync`."]
    gone, newer = _on_disk(records)
    asked = sorted({fault.id for fault in stale(questions, indexed)})
    found = (
        _said("Documents gone since the last sync", gone),
        _said("Documents changed since the last sync", newer),
        _said("Questions about words that have changed", asked),
    )
    return [each for each in found if each]


def _on_disk(records: Sequence[Record]) -> tuple[list[str], list[str]]:
    """The names of files that are gone, and of those that are newer than their index.

    Folders that are not of this machine, or not mounted now, are not looked at.
    """
    gone, newer = [], []
    for record in records:
        file = Path(record.file.removeprefix(ON_DISK))
        if not record.file.startswith(ON_DISK) or not file.parent.is_dir():
            continue
        if not file.exists():
            gone.append(file.name)
        elif datetime.fromtimestamp(file.stat().st_mtime, UTC) > _time(record.updated_at):
            newer.append(file.name)
    return gone, newer


def _time(stamp: str) -> datetime:
    moment = datetime.fromisoformat(stamp)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _said(what: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{what} ({len(names)}): {', '.join(names[:MOST_NAMED])}{more}."
