"""The stages that a file goes through before it is embedded: read it; then clean, screen and cut its texts.

Functions from value to value, as objects that hold what they work with: any engine can run them. What is
wrong with a file is a value too.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from guardrails.verdict import Verdict
from ingest.access import Access
from ingest.changes import Known, recipe
from ingest.chunk import Sizes, chunk
from ingest.clean import clean
from ingest.documents import document_id
from ingest.edition import Edition, document, version
from ingest.errors import (
    FileTooLarge,
    IngestError,
    NoReaders,
    NoTextFound,
    Quarantined,
    RailFailed,
    UnreadableFile,
    UnsupportedFile,
)
from ingest.folder import Folders, Properties
from ingest.journal import Journal, Screened
from ingest.load import Loaded, Loads, Part
from ingest.quarantine import Case, stamp
from ingest.record import FileTrace
from ingest.scan import Found
from ingest.screen import Screening, screened
from ingest.survey import Fate
from ingest.tally import Tally

Refusal = tuple[str, IngestError]
Released = Mapping[tuple[str, str], str]
"""By uri and content hash, who let a text through and when."""


@dataclass(frozen=True, slots=True)
class Read:
    """A file's texts, the properties that it has from where it lies, and the trace that it will leave."""

    known: Known
    properties: Properties
    trace: FileTrace
    loaded: Loaded


@dataclass(frozen=True, slots=True)
class Taken:
    """What becomes of a file: the editions to publish, the uris of documents that stay, what was refused.

    `unchanged` documents are as they were; `notes` tell what of a text was left out. A file counts as
    indexed, and leaves its `trace`, once all that it holds is published. `findings` are the rails' in texts
    that go on, `held` are the texts that do not.
    """

    known: Known
    fate: Fate
    editions: tuple[Edition, ...] = ()
    kept: tuple[str, ...] = ()
    unchanged: int = 0
    refused: tuple[Refusal, ...] = ()
    trace: FileTrace | None = None
    notes: tuple[tuple[str, str], ...] = ()
    findings: tuple[Tally, ...] = ()
    held: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The first stage: a file that may have changed is read. Safe to call from several threads.

    `recipe` names what decides, beside the file and its properties, what becomes of it.
    """

    loader: Loads
    folders: Folders
    recipe: tuple[str, ...]
    max_bytes: int

    def __call__(self, known: Known) -> Read | Taken:
        """The texts of a file; or what becomes of it without a look at them."""
        properties = None
        try:
            properties = self.folders.of(known.found.path)
            return self._read(known, properties)
        except IngestError as error:
            return Taken(known, _fate(known, properties, error), refused=((known.found.uri, error),))

    def _read(self, known: Known, properties: Properties) -> Read | Taken:
        found, made_by = known.found, recipe(properties, *self.recipe)
        if known.same(made_by):
            return _unchanged(known)
        data = read_bytes(found, self.max_bytes)
        content = hashlib.sha256(data).hexdigest()
        trace = FileTrace(found.uri, found.stamp, content, made_by)
        if known.same(made_by, content):
            return _unchanged(known, trace)
        return Read(known, properties, trace, self.loader.load(data, found.path.name))


@dataclass(frozen=True, slots=True)
class Preparing:
    """The second stage: the texts of a file are cleaned, screened and cut.

    What the rails decide is put into the `journal` for `subject`; texts that were `released` go on whatever
    it is. `access` is that of the order, which manifests have not changed.
    """

    screening: Screening
    journal: Journal
    sizes: Sizes
    subject: str
    access: Access
    released: Released

    def __call__(self, read: Read | Taken) -> Taken:
        """The editions of a file; one of which nothing was read stays as it is."""
        if isinstance(read, Taken):
            return read
        refused: list[Refusal] = [(_uri(read, each.member), each.error) for each in read.loaded.rejected]
        findings: list[Tally] = []
        editions, same = [], []
        for part in read.loaded.parts:
            try:
                made, found = self._edition(read, part)
            except IngestError as error:
                refused.append((_uri(read, part.member), error))
            else:
                findings.append(found)
                known = read.known.versions.get(made.document.uri) == made.version
                same.append(made.document.uri) if known else editions.append(made)
        stay = [uri for uri, error in refused if _stays(read, error)]
        parts = read.loaded.parts
        return Taken(
            read.known,
            Fate.READ,
            tuple(editions),
            (*same, *stay),
            len(same),
            tuple(refused),
            _trace(read, refused),
            tuple((_uri(read, part.member), note) for part in parts for note in part.extract.notes),
            tuple(findings),
            tuple(self._cases(read, refused)),
        )

    def _edition(self, read: Read, part: Part) -> tuple[Edition, Tally]:
        uri, properties = _uri(read, part.member), read.properties
        tenant = properties.access.tenant
        note = partial(self._note, tenant, document_id(tenant, uri))
        passed = screened(
            self.screening.screen, clean(part.extract), note, lambda text: self.released.get((uri, text))
        )
        made = document(uri, passed.extract, properties, passed.flags)
        chunks = tuple(chunk(made, self.sizes))
        if not chunks:
            raise NoTextFound("there are no words in it", "remove it, or give it a text")
        file = read.known.found.uri
        return Edition(made, file, version(made, file, str(self.sizes)), chunks), passed.findings

    def _cases(self, read: Read, refused: Sequence[Refusal]) -> Iterator[Case]:
        found = read.known.found
        for uri, error in refused:
            if isinstance(error, Quarantined):
                yield Case(
                    access=self.access,
                    uri=uri,
                    file=found.uri,
                    path=str(found.path),
                    content_hash=error.content_hash,
                    findings=error.findings,
                    policy=self.screening.policy.version,
                    at=stamp(),
                )

    def _note(self, tenant: str, name: str, verdict: Verdict) -> None:
        self.journal.note(Screened(tenant, self.subject, name, self.screening.policy, verdict))


def read_bytes(found: Found, limit: int) -> bytes:
    """The bytes of a file.

    Raises:
        FileTooLarge: it has more than `limit`.
        UnreadableFile: the system does not give them.
    """
    if found.size > limit:
        allowed = f"{limit / 2**20:g} MiB"
        raise FileTooLarge(
            f"{found.size / 2**20:.1f} MiB, more than {allowed}", "split it or raise the limit"
        )
    try:
        return found.path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"cannot be read ({error.strerror})", "check its permissions") from error


def _unchanged(known: Known, trace: FileTrace | None = None) -> Taken:
    """A file as it was indexed; if only its stamp has changed, with the `trace` that has the new one."""
    skipped = known.trace.skipped if known.trace else ()
    refused = tuple((uri, UnsupportedFile(why)) for uri, why in skipped)
    kept = replace(trace, skipped=skipped) if trace else None
    return Taken(known, Fate.WHOLE, unchanged=len(known.versions), refused=refused, trace=kept)


def _trace(read: Read, refused: Sequence[Refusal]) -> FileTrace | None:
    """What the file leaves; nothing if some of it failed, which may go well another time."""
    if all(isinstance(error, UnsupportedFile) for _, error in refused):
        return replace(read.trace, skipped=tuple((uri, str(error)) for uri, error in refused))
    return None


def _stays(read: Read, error: IngestError) -> bool:
    """Whether what was indexed before at the place of what was refused stays.

    Not if some could read it whom its folders now shut out, nor if it is the very text that a rail judges to
    be none for readers: then the rules are others now.
    """
    if read.known.is_open_beyond(read.properties.access):
        return False
    if isinstance(error, Quarantined) and not isinstance(error, RailFailed):
        before = read.known.trace
        return before is None or before.content != read.trace.content
    return not isinstance(error, UnsupportedFile)


def _fate(known: Known, properties: Properties | None, error: IngestError) -> Fate:
    """What becomes of what a file held that was refused."""
    shut_out = properties is not None and known.is_open_beyond(properties.access)
    if isinstance(error, NoReaders) or shut_out:
        return Fate.READ  # some who could read the last version may not any more
    return Fate.NONE if isinstance(error, UnsupportedFile) else Fate.WHOLE


def _uri(read: Read, member: str) -> str:
    uri = read.known.found.uri
    return f"{uri}!/{member}" if member else uri
