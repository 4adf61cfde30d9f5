"""What a verified token says of its holder: claims → a Principal. What is not said is not granted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from ingest.access import LONGEST_NAME, Principal
from service.errors import Misconfigured, Unauthorised
from service.keys import OIDC_PREFIX, SCOPES
from service.settings import ServiceSettings

UNNAMED_SCOPES = frozenset({"chat"})


@dataclass(frozen=True, slots=True)
class ClaimMap:
    """Which claims say what: a claim's name, or a dotted path into claims that are objects.

    `tenant` is everybody's, or `tenant_claim` names it. Without `scopes_claim` tokens may chat, no more.
    """

    tenant: str | None = None
    tenant_claim: str | None = None
    groups_claim: str | None = None
    scopes_claim: str | None = None

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """As the settings name them. Raises `Misconfigured` unless one thing says where tenants come from."""
        if bool(settings.oidc_tenant) == bool(settings.oidc_tenant_claim):
            raise Misconfigured(
                "tokens need a tenant: set either oidc_tenant_claim (the claim that names it) "
                "or oidc_tenant (one for everybody)"
            )
        return cls(
            settings.oidc_tenant,
            settings.oidc_tenant_claim,
            settings.oidc_groups_claim,
            settings.oidc_scopes_claim,
        )

    def principal(self, claims: Mapping[str, Any]) -> Principal:
        """Whom the claims speak of: its subject is the claim `sub` behind a prefix that no key's name has.

        Raises:
            Unauthorised: they name no tenant or subject, or what they say of groups or scopes is no list
                of names.
        """
        subject = OIDC_PREFIX + _name("sub", claims.get("sub"), LONGEST_NAME - len(OIDC_PREFIX))
        tenant = self.tenant or _name(self.tenant_claim or "", _claim(claims, self.tenant_claim))
        groups = frozenset(_names(self.groups_claim, _claim(claims, self.groups_claim)))
        return Principal(tenant, subject, groups, self._scopes(claims))

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[str]:
        """Those that we know; OAuth writes them with spaces between."""
        if self.scopes_claim is None:
            return UNNAMED_SCOPES
        value = _claim(claims, self.scopes_claim)
        given = value.split() if isinstance(value, str) else _names(self.scopes_claim, value)
        return frozenset(given) & frozenset(SCOPES)


def _claim(claims: Mapping[str, Any], path: str | None) -> object:
    """The claim of that very name, dots and all; else the one at the end of the path; None without one."""
    if path is None or path in claims:
        return claims.get(path) if path else None
    value: object = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _name(claim: str, value: object, longest: int = LONGEST_NAME) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > longest or not value.isprintable():
        raise Unauthorised(
            f"the token's claim {claim!r} is missing or no name of up to {longest} characters: "
            "have your identity provider put it in"
        )
    return value


def _names(claim: str | None, value: object) -> Iterable[str]:
    """None is nobody; one name may stand alone."""
    if value is None:
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(each, str) for each in values):
        raise Unauthorised(f"the token's claim {claim!r} is no list of names: correct it at the provider")
    return [each for each in values if each]
