"""Whether the index is in step with its documents and with the questions, before a night begins.

It looks as the administrator does, and everybody who may read reports reads what it says: so it counts, and
names no document. `ingest sync` brings the index in step, and `eval check` names the questions.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from eval.corpus import Corpus, Indexed
from eval.dataset import Question
from eval.evidence import stale
from ingest.record import FileTrace, Record
from ingest.scan import Found, Root, scan

# What the last sync saw of a tenant's files below a uri, by theirs: `ingest.catalog.Catalog.traces`.
Traces = Callable[[str, str], Mapping[str, FileTrace]]
ON_DISK = "file://"


def out_of_step(corpus: Corpus, indexed: Indexed, traces: Traces, questions: Sequence[Question]) -> list[str]:
    """What is not in step, a sentence each; nothing, if all is well. Blocks: it looks at files."""
    records = list(corpus.records())
    if not records:
        return ["The index holds no document of this tenant: run `python -m ingest sync`."]
    gone, changed = _on_disk(records, traces(corpus.principal.tenant, ON_DISK))
    asked = len({fault.id for fault in stale(questions, indexed)})
    found = {
        "Documents gone since the last sync": gone,
        "Documents changed since the last sync": changed,
        "Questions about words that have changed": asked,
    }
    return [f"{what}: {count}." for what, count in found.items() if count]


def _on_disk(records: Sequence[Record], traces: Mapping[str, FileTrace]) -> tuple[int, int]:
    """How many files are gone, and how many are not as the last sync saw them.

    Folders that are not of this machine, or not mounted now, are not looked at.
    """
    gone = changed = 0
    for record in records:
        file = Path(record.file.removeprefix(ON_DISK))
        if not record.file.startswith(ON_DISK) or not file.parent.is_dir():
            continue
        if not file.exists():
            gone += 1
        elif record.file in traces:
            # By what `sync` goes by, and refreshes: a file that was only touched is in step after it.
            found = (each for each in scan(Root(file, record.file)) if isinstance(each, Found))
            changed += any(each.stamp != traces[record.file].stamp for each in found)
    return gone, changed
