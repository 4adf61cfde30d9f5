"""The commands, from plain arguments to plain results: run by the command line, or by a server for it.

Arguments and results are JSON; whoever calls has checked that they may (`service` by the lock's token).
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from ingest.access import DEFAULT_TENANT, LONGEST_NAME, Access, Principal
from ingest.documents import Passage
from ingest.duplicates import LEAST
from ingest.engine import Local
from ingest.errors import Misuse, NotIndexed
from ingest.folder import Properties
from ingest.globs import Globs
from ingest.library import Library
from ingest.order import Order, Tools
from ingest.release import release
from ingest.scan import Root
from ingest.store import Mode, Point
from ingest.sync import Watch, sync
from ingest.where import EVERYWHERE, Where

PAGE = 500
HIT = ("chunk_id", "document_id", "uri", "title", "text", "start", "end", "page", "score")


def _utf8(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("not valid Unicode: it holds half of a surrogate pair") from None
    return text


Text = Annotated[str, AfterValidator(_utf8)]


class _Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: Text = Field(DEFAULT_TENANT, min_length=1, max_length=LONGEST_NAME)
    groups: tuple[Annotated[Text, Field(min_length=1, max_length=LONGEST_NAME)], ...] | None = None

    @property
    def principal(self) -> Principal:
        """Of just these groups, or, where none are named, the tenant's local administrator."""
        if self.groups is None:
            return Principal.administrator(self.tenant)
        return Principal(self.tenant, "local", frozenset(self.groups))


class Sync(_Arguments):
    """Absolute `paths` of the machine that runs the command."""

    paths: tuple[Text, ...] = Field(min_length=1)
    base: Text | None = None
    prune: bool = False
    include: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
    dry_run: bool = False
    engine: Literal["local", "ray"] = "local"


class Query(BaseModel):
    """A question of a batch, and the name that it is answered under."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: Text | int
    query: Text = Field(min_length=1)


class Search(_Arguments):
    """One or more queries, and where to look for all of them."""

    queries: tuple[Query, ...] = Field(min_length=1)
    k: int = Field(10, ge=1, le=1000)
    mode: Mode = Mode.HYBRID
    where: Where = EVERYWHERE


class Listing(_Arguments):
    """What to list: everything that the principal may see."""


class Chunks(_Arguments):
    """All chunks that the principal may read: what a model of search is trained on."""


class Delete(_Arguments):
    """The uri of a document, or of the file that holds several."""

    uri: Text


class OfTenant(BaseModel):
    """What a tenant's administrator asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant: Text = Field(DEFAULT_TENANT, min_length=1, max_length=LONGEST_NAME)

    @property
    def principal(self) -> Principal:
        """That administrator."""
        return Principal.administrator(self.tenant)


class Release(OfTenant):
    """The uri of a document in quarantine."""

    uri: Text


class Reindex(BaseModel):
    """The embedder that the index goes over to; the present one, if none is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    embedder: Text | None = Field(None, min_length=1)


class Duplicates(_Arguments):
    """Documents that have at least this share of their shingles in common."""

    least: float = Field(0.9, ge=LEAST, le=1)


class Nothing(BaseModel):
    """A command without arguments."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def run(
    tools: Tools, command: str, arguments: Mapping[str, Any], watch: Watch | None = None
) -> dict[str, Any]:
    """Run a command by name. `watch` follows a sync.

    Raises:
        Misuse: there is no such command, or its arguments are wrong.
        IngestError: whatever the command raises.
    """
    schema, action = COMMANDS.get(command, (None, None))
    if schema is None or action is None:
        raise Misuse(f"no command {command!r}", f"use one of {', '.join(COMMANDS)}")
    try:
        given = schema.model_validate(dict(arguments))
    except ValidationError as error:
        told = (
            (".".join(map(str, e["loc"])), e["msg"].removeprefix("Value error, ")) for e in error.errors()
        )
        faults = "; ".join(f"{place}: {fault}" for place, fault in told)
        raise Misuse(f"bad arguments for {command}: {faults}", "see --help") from error
    return action(tools, given, watch or (lambda _done, _of: None))


def _sync(tools: Tools, given: Sync, watch: Watch) -> dict[str, Any]:
    roots = tuple(Root.of(path, given.base) for path in given.paths)
    properties = Properties(Access.of(given.tenant, given.groups or ()))
    only = Globs.of(given.include, given.exclude)
    engine = tools.cluster() if given.engine == "ray" else Local()
    order = Order(roots, properties, given.prune, only, given.dry_run, engine=engine)
    return sync(tools, order, watch).as_json()


def _search(tools: Tools, given: Search, _watch: Watch) -> dict[str, Any]:
    def hits(query: str) -> list[dict[str, Any]]:
        found = tools.library.search(given.principal, query, given.k, given.mode, where=given.where)
        return [_hit(passage) for passage in found]

    return {"results": [{"id": one.id, "hits": hits(one.query)} for one in given.queries]}


def _list(tools: Tools, given: Listing, _watch: Watch) -> dict[str, Any]:
    listed: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = tools.library.documents(given.principal, PAGE, cursor)
        listed += [record.listing() for record in page.records]
        cursor = page.next
        if cursor is None:
            return {"documents": listed}


def _chunks(tools: Tools, given: Chunks, _watch: Watch) -> dict[str, Any]:
    return {"chunks": chunks_of(tools.library, given.principal)}


def _delete(tools: Tools, given: Delete, _watch: Watch) -> dict[str, Any]:
    records = tools.library.catalog.held_in(given.principal, given.uri)
    if not records:
        raise NotIndexed(f"nothing is indexed at {given.uri}", "`python -m ingest list` shows the uris")
    tools.library.remove(given.principal, records)
    return {"deleted": [record.uri for record in records]}


def _status(tools: Tools, _given: Nothing, _watch: Watch) -> dict[str, Any]:
    return tools.library.status()


def _reindex(tools: Tools, given: Reindex, watch: Watch) -> dict[str, Any]:
    library = tools.library
    total = int(library.status()["chunks"])
    embedder = tools.embedder(given.embedder) if given.embedder else None
    chunks = library.reindex(lambda done: watch(done, total), embedder)
    return {"chunks": chunks, "embedder": library.embedder.name}


def _quarantine(tools: Tools, given: OfTenant, _watch: Watch) -> dict[str, Any]:
    cases = tools.library.catalog.quarantine.cases(given.principal)
    return {"quarantined": [case.listing() for case in cases]}


def _release(tools: Tools, given: Release, watch: Watch) -> dict[str, Any]:
    case, report = release(tools, given.principal, given.uri, watch)
    return {
        "released": case.uri,
        "content_hash": case.content_hash,
        "sync": report.as_json() if report else None,
    }


def _duplicates(tools: Tools, given: Duplicates, _watch: Watch) -> dict[str, Any]:
    groups = tools.library.catalog.duplicates.groups(given.principal, given.least)
    return {"duplicates": [group.listing() for group in groups]}


def _hit(found: Passage) -> dict[str, Any]:
    values = asdict(found)
    return {name: values[name] for name in HIT}


def chunks_of(library: Library, principal: Principal) -> list[dict[str, Any]]:
    """Every chunk that the principal may read, in the order of their documents' uris."""
    points = sorted(library.points(principal), key=lambda point: (point.uri, point.chunk.ordinal))
    return [_chunk(point) for point in points]


def _chunk(point: Point) -> dict[str, Any]:
    chunk = point.chunk
    names = {"chunk_id": chunk.chunk_id, "document_id": chunk.document_id, "uri": point.uri}
    return names | {"title": point.title, "heading": chunk.heading, "text": chunk.text}


COMMANDS: dict[str, tuple[type[BaseModel], Callable[..., dict[str, Any]]]] = {
    "sync": (Sync, _sync),
    "search": (Search, _search),
    "list": (Listing, _list),
    "chunks": (Chunks, _chunks),
    "status": (Nothing, _status),
    "delete": (Delete, _delete),
    "quarantine": (OfTenant, _quarantine),
    "release": (Release, _release),
    "duplicates": (Duplicates, _duplicates),
    "reindex": (Reindex, _reindex),
}
