"""Whether the index is in step with its documents and with the questions, before a night begins.

It looks as the administrator does, and everybody who may read reports reads what it says: so it counts, and
names no document. `ingest sync` brings the index in step, and `eval check` names the questions.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import stale
from ingest.record import Record

ON_DISK = "file://"


def out_of_step(corpus: Corpus, indexed: Indexed, questions: Sequence[Question]) -> list[str]:
    """What is not in step, a sentence each; nothing, if all is well. Blocks: it reads files' times."""
    records = list(corpus.records())
    if not records:
        return ["The index holds no document of this tenant: run `python -m ingest sync`."]
    gone, newer = _on_disk(records)
    asked = len({fault.id for fault in stale(questions, indexed)})
    found = {
        "Documents gone since the last sync": gone,
        "Documents changed since the last sync": newer,
        "Questions about words that have changed": asked,
    }
    return [f"{what}: {count}." for what, count in found.items() if count]


def _on_disk(records: Sequence[Record]) -> tuple[int, int]:
    """How many files are gone, and how many are newer than their index.

    Folders that are not of this machine, or not mounted now, are not looked at.
    """
    gone = newer = 0
    for record in records:
        file = Path(record.file.removeprefix(ON_DISK))
        if not record.file.startswith(ON_DISK) or not file.parent.is_dir():
            continue
        if not file.exists():
            gone += 1
        elif datetime.fromtimestamp(file.stat().st_mtime, UTC) > _time(record.updated_at):
            newer += 1
    return gone, newer


def _time(stamp: str) -> datetime:
    moment = datetime.fromisoformat(stamp)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
