"""What the document rails keep out of the index, and what an administrator let through. In SQL.

Of a text its hash is kept, and what was found in it; never the text: the file is read again when needed.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, insert, select

from ingest.access import Access, Principal
from ingest.errors import NotIndexed
from ingest.tables import at_or_below, quarantine, releases
from ingest.tally import Tally

PAGE = 500


@dataclass(frozen=True, slots=True)
class Case:
    """A text in quarantine: where it stands, its SHA-256, what was found, by which policy, since when.

    `file` is the uri of the file that holds it and `path` that file's place on disk; whoever is in `access`
    would read it if no manifest said otherwise.
    """

    access: Access
    uri: str
    file: str
    path: str
    content_hash: str
    findings: Tally
    policy: str
    at: str

    def listing(self) -> dict[str, Any]:
        """The case as `quarantine list` shows it."""
        found = [
            {"rail": rail, "label": label, "action": action, "count": count}
            for (rail, label, action), count in sorted(self.findings.items())
        ]
        return {
            "uri": self.uri,
            "content_hash": self.content_hash,
            "findings": found,
            "policy": self.policy,
            "at": self.at,
        }


class Quarantine:
    """Cases and releases. Only a tenant's administrator sees any. Safe to use from several threads."""

    def __init__(self, begin: Callable[[], AbstractContextManager[Connection]]) -> None:
        """`begin` opens a transaction on the catalog's database."""
        self._begin = begin

    def cases(self, principal: Principal) -> tuple[Case, ...]:
        """All of the principal's tenant, by uri; none for anybody but its administrator."""
        if not principal.every_group:
            return ()
        query = select(quarantine).where(quarantine.c.tenant == principal.tenant)
        with self._begin() as connection:
            return tuple(map(_case, connection.execute(query.order_by(quarantine.c.uri))))

    def case(self, principal: Principal, uri: str) -> Case:
        """The one at `uri`.

        Raises:
            NotIndexed: there is none, or the principal is not the tenant's administrator.
        """
        query = select(quarantine).where(_at(principal.tenant, [uri]))
        with self._begin() as connection:
            row = connection.execute(query).one_or_none() if principal.every_group else None
        if row is None:
            raise NotIndexed(
                f"nothing is in quarantine at {uri}", "`python -m ingest quarantine list` shows what is"
            )
        return _case(row)

    def hold(self, cases: Sequence[Case]) -> None:
        """Keep cases; each takes the place of the one before it at its uri."""
        if not cases:
            return
        with self._begin() as connection:
            for tenant in {case.access.tenant for case in cases}:
                connection.execute(delete(quarantine).where(_at(tenant, [case.uri for case in cases])))
            connection.execute(insert(quarantine), [_row(case) for case in cases])

    def release(self, principal: Principal, case: Case) -> None:
        """Let just this text through at just this uri, from the next sync on; for good."""
        tenant, row = principal.tenant, {"uri": case.uri, "content_hash": case.content_hash}
        known = and_(releases.c.tenant == tenant, *(releases.c[name] == row[name] for name in row))
        with self._begin() as connection:
            connection.execute(delete(releases).where(known))
            given = {"tenant": tenant, "at": stamp(), "subject": principal.subject, "policy": case.policy}
            connection.execute(insert(releases), [row | given])

    def released(self, tenant: str) -> Mapping[tuple[str, str], str]:
        """By uri and content hash, who let it through and when. So many as administrators decided."""
        query = select(releases).where(releases.c.tenant == tenant)
        with self._begin() as connection:
            rows = connection.execute(query).all()
        return {(row.uri, row.content_hash): f"released by {row.subject}, {row.at}" for row in rows}

    def settle(self, tenant: str, roots: Iterable[str], failed: Collection[str]) -> None:
        """After a sync, forget the cases below `roots` that are none any more: mended, released, vanished.

        `failed`: what could not be indexed this time; nothing is known of what lies there or below.
        """
        for root in roots:
            below = and_(quarantine.c.tenant == tenant, at_or_below(quarantine.c.file, root))
            with self._begin() as connection:
                rows = connection.execute(select(quarantine.c.uri, quarantine.c.file).where(below)).all()
                over = [row.uri for row in rows if row.uri not in failed and not _within(row.file, failed)]
                for start in range(0, len(over), PAGE):
                    connection.execute(delete(quarantine).where(_at(tenant, over[start : start + PAGE])))


def stamp() -> str:
    """Now: UTC, ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _at(tenant: str, uris: Collection[str]) -> ColumnElement[bool]:
    return and_(quarantine.c.tenant == tenant, quarantine.c.uri.in_(uris))


def _within(uri: str, places: Collection[str]) -> bool:
    """Whether the uri is one of `places`, or lies below one as a folder."""
    return uri in places or any(uri[:at] in places for at, sign in enumerate(uri) if sign == "/")


def _row(case: Case) -> dict[str, Any]:
    names = ("uri", "file", "path", "content_hash", "policy", "at")
    row: dict[str, Any] = {name: getattr(case, name) for name in names}
    found = [[*kind, count] for kind, count in sorted(case.findings.items())]
    access = {"tenant": case.access.tenant, "groups": sorted(case.access.groups)}
    return row | access | {"findings": found}


def _case(row: Row[Any]) -> Case:
    values = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's documented way to a row's names
    findings = {(rail, label, action): count for rail, label, action, count in values.pop("findings")}
    access = Access.of(values.pop("tenant"), values.pop("groups"))
    return Case(access=access, findings=findings, **values)
