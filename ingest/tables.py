"""The catalog's tables. `ingest/migrations` builds them; a test holds the two equal."""

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    and_,
    or_,
)

from ingest.where import Where

# The migration that these tables match.
HEAD = "0008"

metadata = MetaData()

# An address: sorted and compared by its bytes. SQLite knows no other way, PostgreSQL has to be told.
ADDRESS = Text().with_variant(Text(collation="C"), "postgresql")


def _of_document() -> Column[str]:
    """The key of rows that belong to a document, and go with it."""
    whole = ForeignKey("documents.document_id", ondelete="CASCADE")
    return Column("document_id", String(36), whole, primary_key=True)


documents = Table(
    "documents",
    metadata,
    Column("document_id", String(36), primary_key=True),
    Column("tenant", String(200), nullable=False),
    Column("uri", ADDRESS, nullable=False),
    # The uri of the file that holds the document: its own, or that of the archive or e-mail around it.
    Column("file", ADDRESS, nullable=False),
    # The published version: what readers see. Points of other versions are hidden.
    Column("version", String(36), nullable=False),
    Column("title", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("chunks", Integer, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("labels", JSON, nullable=False),
    Column("language", Text),
    Column("expires", Text),
    Column("license", Text),
    # The day that the document says it is of, YYYY-MM-DD.
    Column("dated", Text),
    # By which document it is superseded, empty where nobody says; null if it is not.
    Column("superseded_by", Text),
    # Who may read it, and what it has in common with its twins (`ingest.copies`); null in old rows.
    Column("audience", String(32)),
    Column("twin", String(64)),
    Column("updated_at", String(32), nullable=False),
    Index("documents_by_uri", "tenant", "uri", unique=True),
    Index("documents_by_file", "tenant", "file"),
    Index("documents_by_twin", "twin"),
)

# The groups again, one a row, for the access filter.
document_groups = Table(
    "document_groups",
    metadata,
    _of_document(),
    Column("name", String(200), primary_key=True),
)

# What a document's words are known again by: `ingest.fingerprint`. One that is older than these has none.
fingerprints = Table(
    "fingerprints",
    metadata,
    _of_document(),
    Column("recipe", String(16), nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)

# Documents that are not in the store because a twin stands for them, and how they would be cut: one row each.
copies = Table(
    "copies",
    metadata,
    _of_document(),
    Column("cuts", JSON, nullable=False),
)

# By what documents are known to resemble each other: `ingest.resemblance`.
signatures = Table(
    "signatures",
    metadata,
    _of_document(),
    Column("minima", LargeBinary, nullable=False),
)
bands = Table(
    "bands",
    metadata,
    _of_document(),
    Column("band", Integer, primary_key=True),
    Column("hash", String(16), nullable=False),
    Index("bands_by_hash", "band", "hash"),
)

# Files that were indexed without a fault, and what they looked like then: the fast way to "unchanged".
files = Table(
    "files",
    metadata,
    Column("tenant", String(200), primary_key=True),
    Column("uri", ADDRESS, primary_key=True),
    Column("stamp", Text, nullable=False),
    Column("content", String(64), nullable=False),
    Column("recipe", String(64), nullable=False),
    Column("skipped", JSON, nullable=False, server_default="[]"),
)

# What the document rails keep out, and since when: of the text its hash alone. `path` is where the file lies.
quarantine = Table(
    "quarantine",
    metadata,
    Column("tenant", String(200), primary_key=True),
    Column("uri", ADDRESS, primary_key=True),
    Column("file", ADDRESS, nullable=False),
    Column("path", Text, nullable=False),
    Column("groups", JSON, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column("findings", JSON, nullable=False),
    Column("policy", Text, nullable=False),
    Column("at", String(32), nullable=False),
    Index("quarantine_by_file", "tenant", "file"),
)

# Texts that an administrator let through whatever the rails say: each at its uri, while it stays as it is.
releases = Table(
    "releases",
    metadata,
    Column("tenant", String(200), primary_key=True),
    Column("uri", ADDRESS, primary_key=True),
    Column("content_hash", String(64), primary_key=True),
    Column("subject", String(200), nullable=False),
    Column("policy", Text, nullable=False),
    Column("at", String(32), nullable=False),
)

# Versions whose points are in the store and must not be seen: being written, or being removed.
hidden_versions = Table("hidden_versions", metadata, Column("version", String(36), primary_key=True))

# Facts about the index as a whole, and the publication counter.
facts = Table(
    "facts",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
)


def lies_in(column: ColumnElement[str], where: Where) -> ColumnElement[bool]:
    """That an address is `where.path`, or that of something in it: as stores have it."""
    inside = (and_(column >= start, column < f"{start[:-1]}0") for start in where.below)
    return or_(column == where.path, *inside)


def at_or_below(column: Column[str], uri: str) -> ColumnElement[bool]:
    """That an address is `uri`, or lies below it as a folder.

    A range, not LIKE, which takes upper and lower case for the same in one database and has no index in
    the other: "0" is the character after "/".
    """
    folder = uri.rstrip("/")
    return or_(column == uri, and_(column > f"{folder}/", column < f"{folder}0"))
