"""One version of a document, cut into chunks and ready to be published."""

import hashlib
import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from guardrails.language import detected
from ingest.access import audience
from ingest.documents import Chunk, Document, Extract, Flag, document_id
from ingest.folder import Properties
from ingest.labels import Labels
from ingest.record import Cut, Record
from ingest.store import POINT_FORM, Point


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
            superseded_by=document.superseded_by,
            dated=document.dated,
            license=document.license,
            text=document.text,
            twin=twin(document),
        )

    def cuts(self) -> tuple[Cut, ...]:
        """How it is cut: what is kept of a copy instead of points."""
        labels = Labels(self.document)
        return tuple(
            Cut(each.start, each.end, each.heading, each.page, labels.of(each)) for each in self.chunks
        )

    def points(self) -> list[Point]:
        """What the store keeps of it."""
        document, labels = self.document, Labels(self.document)
        return [
            Point(
                version=self.version,
                chunk=chunk,
                uri=document.uri,
                title=document.title,
                access=document.access,
                labels=labels.of(chunk),
                language=document.language,
                expires=document.expires,
                superseded=document.superseded_by is not None,
                dated=document.dated,
            )
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
        language=extract.language or properties.language or detected(extract.text),
        expires=min(filter(None, (extract.expires, properties.expires)), default=None),
        superseded_by=_first(extract.superseded_by, properties.superseded_by),
        dated=extract.dated,
        license=properties.license,
    )


def _first(own: str | None, folders: str | None) -> str | None:
    """What supersedes a document: the one that is named, by itself or else by its folder."""
    return own or (folders if own is None else folders or own)


def version(document: Document, file: str, recipe: str) -> str:
    """Changes with anything that a reader could notice: words, headings, access, labels, cutting."""
    marks = [(mark.start, mark.level, mark.title, mark.page) for mark in document.marks]
    access = (document.access.tenant, sorted(document.access.groups), sorted(document.labels))
    flags = [(flag.start, flag.end, flag.label) for flag in document.flags]
    days = (document.expires, document.superseded_by, document.dated)
    terms = (document.language, *days, document.license)
    parts = (document.content_hash, document.title, file, marks, document.blocks, access, flags, terms)
    return str(uuid.uuid5(uuid.UUID(document.document_id), json.dumps((*parts, recipe, POINT_FORM))))


def twin(document: Document) -> str:
    """What is equal of documents of which one can stand for all: words, readers, labels by place, terms."""
    flags = sorted((flag.start, flag.end, flag.label) for flag in document.flags)
    days = (document.expires, document.superseded_by, document.dated)
    readers = (audience(document.access), sorted(document.labels), document.language, document.license)
    parts = (document.title, document.content_hash, flags, days, readers)
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
