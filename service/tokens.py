"""Bearer tokens of an identity provider (OIDC): a signed JWT → a Principal.

The only module that imports `jwt`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, Self
from urllib.parse import urlsplit

import jwt

from ingest.access import Principal
from service.auth import is_loopback
from service.claims import ClaimMap
from service.endpoint import shown
from service.errors import Misconfigured, Unauthorised
from service.settings import ServiceSettings

REQUIRED = ("exp", "iss", "aud", "sub")
# What may be told of a token whose signature holds. The first class that fits wins.
REASONS: tuple[tuple[type[jwt.PyJWTError], str], ...] = (
    (jwt.ExpiredSignatureError, "it has expired"),
    (jwt.ImmatureSignatureError, "it is not valid yet"),
    (jwt.InvalidAudienceError, "it is for another audience"),
    (jwt.InvalidIssuerError, "another issuer made it"),
    (jwt.MissingRequiredClaimError, f"it needs the claims {', '.join(REQUIRED)}"),
)


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider: what its tokens say of themselves, and where its keys are."""

    issuer: str
    audience: str
    jwks_url: str
    algorithms: tuple[str, ...]
    leeway: int

    @classmethod
    def of(cls, settings: ServiceSettings) -> Self:
        """As the settings name it.

        Raises:
            Misconfigured: something is missing, or the keys would come over a line that others can change.
        """
        needed = {name: getattr(settings, name) for name in ("oidc_issuer", "oidc_audience", "oidc_jwks_url")}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            raise Misconfigured(f"tokens need {', '.join(missing)}: set all of {', '.join(needed)}")
        issuer, audience, url = needed.values()
        parts = urlsplit(url)
        secure = parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))
        if not (secure and parts.hostname):
            raise Misconfigured(
                f"oidc_jwks_url is {shown(url)}: use https (http is for loopback addresses alone), "
                "or anyone on the way could put in keys of their own"
            )
        return cls(issuer, audience, url, tuple(settings.oidc_algorithms), settings.oidc_leeway)


class KeyFinder(Protocol):
    """What `service.jwks.KeySet` offers."""

    def key(self, name: str) -> Mapping[str, Any] | None:
        """The JWK of this id; None if there is none. Raises `IdentityUnavailable`."""
        ...


class Tokens:
    """The tokens of one provider."""

    remedy = "send a token of your identity provider"

    def __init__(self, provider: Provider, keys: KeyFinder, claims: ClaimMap) -> None:
        self._provider, self._keys, self._claims = provider, keys, claims

    def principal(self, credential: str) -> Principal | None:
        """Whose token this is; None for what is no token of the provider.

        Raises:
            Unauthorised: it is one, and does not hold (any more); the message says why.
            IdentityUnavailable: the provider's keys are needed and cannot be had.
        """
        try:
            header = jwt.get_unverified_header(credential)
        except jwt.PyJWTError:
            return None
        algorithm, name = header.get("alg"), header.get("kid")
        # Nothing in a token decides how it is checked: it may only choose from our list.
        if algorithm not in self._provider.algorithms or not isinstance(name, str):
            return None
        key = self._keys.key(name)
        if key is None:
            return None
        try:
            claims = self._verified(credential, key, algorithm)
        except jwt.PyJWTError as error:
            reason = next((told for kind, told in REASONS if isinstance(error, kind)), None)
            if reason is None:
                return None
            raise Unauthorised(f"the token does not hold: {reason}; get a new one") from error
        return self._claims.principal(claims)

    def _verified(self, token: str, key: Mapping[str, Any], algorithm: str) -> dict[str, Any]:
        """A key that names its algorithm is used with that one alone; its type must fit in any case."""
        provider = self._provider
        public = jwt.PyJWK(dict(key), None if isinstance(key.get("alg"), str) else algorithm)
        return jwt.decode(
            token,
            public,
            [algorithm],
            {"require": list(REQUIRED), "enforce_minimum_key_length": True},
            audience=provider.audience,
            issuer=provider.issuer,
            leeway=provider.leeway,
        )
