"""One version of a document, cut into chunks and ready to be published."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from ingest.documents import Chunk, Document, Extract, Flag, document_id
from ingest.folder import Properties
from ingest.labels import Labels
from ingest.record import Record
from ingest.store import Point


@dataclass(frozen=True, slots=True)
class Edition:
    """A document, the uri of the file that holds it, its chunks, and the version that names all of it."""

    document: Document
    file: str
    version: str
    chunks: tuple[Chunk, ...]

    def record(self) -> Record:
        """What the catalog keeps of it, as of now."""
        document = self.document
        return Record(
            document_id=document.document_id,
            uri=document.uri,
            file=self.file,
            version=self.version,
            title=document.title,
            content_hash=document.content_hash,
            access=document.access,
            chunks=len(self.chunks),
            updated_at=datetime.now(UTC).isoformat(timespec="seconds"),
            labels=document.every_label,
            language=document.language,
            expires=document.expires,
            license=document.license,
            text=document.text,
        )

    def points(self) -> list[Point]:
        """What the store keeps of it."""
        document, labels = self.document, Labels(self.document)
        return [
            Point(self.version, chunk, document.uri, document.title, document.access, labels.of(chunk))
            for chunk in self.chunks
        ]


def document(uri: str, extract: Extract, properties: Properties, flags: tuple[Flag, ...]) -> Document:
    """The document at `uri`; `flags` are labels that its content earned, by place."""
    return Document(
        document_id=document_id(properties.access.tenant, uri),
        uri=uri,
        title=extract.title,
        text=extract.text,
        content_hash=hashlib.sha256(extract.text.encode()).hexdigest(),
        access=properties.access,
        marks=extract.marks,
        blocks=extract.blocks,
        labels=properties.labels,
        flags=flags,
        language=properties.language,
        expires=properties.expires,
        license=properties.license,
    )


def version(document: Document, file: str, recipe: str) -> str:
    """Changes with anything that a reader could notice: words, headings, access, labels, cutting."""
    marks = [(mark.start, mark.level, mark.title, mark.page) for mark in document.marks]
    access = (document.access.tenant, sorted(document.access.groups), sorted(document.labels))
    terms = (document.language, document.expires, document.license)
    flags = [(flag.start, flag.end, flag.label) for flag in document.flags]
    parts = (document.content_hash, document.title, file, marks, document.blocks, access, flags, terms, recipe)
    return str(uuid.uuid5(uuid.UUID(document.document_id), json.dumps(parts)))
