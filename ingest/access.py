"""Who asks, and the one filter that decides which chunks they may see."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

DEFAULT_TENANT = "default"
# Characters of a tenant's, group's or subject's name: so much room the databases have for one.
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who asks: a tenant, a name, groups, and what they may do (scopes).

    `every_group` is the explicit local administrator of one tenant; it never crosses tenants.
    """

    tenant: str
    subject: str
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    every_group: bool = field(default=False)

    @classmethod
    def administrator(cls, tenant: str = DEFAULT_TENANT) -> Self:
        """The local administrator of `tenant`: sees all groups of that tenant, may do everything."""
        scopes = frozenset({"chat", "ingest", "admin", "eval"})
        return cls(tenant, "local-administrator", frozenset(), scopes, every_group=True)

    def may_read(self, access: "Access") -> bool:
        """Whether this principal may see what `access` guards: the same rule as `access_filter`."""
        if access.tenant != self.tenant:
            return False
        return self.every_group or not access.groups or bool(access.groups & self.groups)


@dataclass(frozen=True, slots=True)
class Access:
    """Who may see a document: one tenant, and groups (none = the whole tenant)."""

    tenant: str
    groups: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tenant: str, groups: Iterable[str]) -> Self:
        """Build from any iterable of group names."""
        return cls(tenant, frozenset(groups))


def audience(access: Access) -> str:
    """Names who may read: 32 hexadecimal digits, the same for one tenant's readers of just these groups."""
    return hashlib.sha256(json.dumps([access.tenant, sorted(access.groups)]).encode()).hexdigest()[:32]


def reader(tenant: str, group: str | None = None) -> str:
    """One name for a group of a tenant, or for the whole tenant: no two of all tenants' have the same."""
    return json.dumps([tenant] if group is None else [tenant, group])


def readers(access: Access) -> list[str]:
    """Who may read what `access` guards, by those names: its groups, or the whole tenant."""
    return [reader(access.tenant, group) for group in sorted(access.groups)] or [reader(access.tenant)]


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """The one filter, in store-neutral terms: same tenant AND (no groups OR any of `groups`).

    `groups is None` means every group of the tenant (the local administrator).
    """

    tenant: str
    groups: frozenset[str] | None


def access_filter(principal: Principal) -> AccessFilter:
    """Build the one filter. Every path to a passage uses it; there is no other way to make one."""
    return AccessFilter(principal.tenant, None if principal.every_group else principal.groups)


def access_digest(principal: Principal) -> str:
    """SHA-256 of what `access_filter` lets through: two principals of one digest see the same documents.

    What was made from documents and is kept (conversations, caches) is kept beside it, and given back
    only to whoever has the same digest then.
    """
    allowed = access_filter(principal)
    groups = None if allowed.groups is None else sorted(allowed.groups)
    return hashlib.sha256(json.dumps([allowed.tenant, groups]).encode()).hexdigest()
