"""Who is calling: a request's headers → a Principal, and what that principal may do."""

import ipaddress
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from ingest.access import Principal
from service.errors import Forbidden, Misconfigured, Unauthorised

SCHEME = "bearer"


class Authenticator(Protocol):
    """Turns a request's headers (lower-case names) into a principal. Blocking: call it in a thread."""

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """Who is calling. Raises `Unauthorised` or `Forbidden`."""
        ...


class Issuer(Protocol):
    """Knows what it gave out to be shown here: the keyring, an identity provider."""

    @property
    def remedy(self) -> str:
        """What callers can do who have nothing that holds."""
        ...

    def principal(self, credential: str) -> Principal | None:
        """Whose this is; None for what does not come from here. Raises `Unauthorised` with a reason."""
        ...


class BearerAuth:
    """Bearer credentials: API keys, tokens, or both."""

    def __init__(self, *issuers: Issuer) -> None:
        self._issuers = issuers
        self._remedy = f"send `Authorization: Bearer ...`; {', or '.join(each.remedy for each in issuers)}"

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """As `Authenticator.principal`. Unknown, expired and revoked keys look the same."""
        authorization = headers.get("authorization")
        if authorization is None:
            raise Unauthorised(f"no API key: {self._remedy}")
        scheme, _, credential = authorization.partition(" ")
        for issuer in self._issuers if scheme.lower() == SCHEME else ():
            found = issuer.principal(credential.strip())
            if found is not None:
                return found
        raise Unauthorised(f"the API key does not hold: {self._remedy}")


class NoAuth:
    """Everyone is the local administrator of the default tenant: for loopback addresses only.

    A web page in the user's browser reaches loopback too: what it sends gives itself away by the
    headers `Origin` and `Host`.
    """

    def principal(self, headers: Mapping[str, str]) -> Principal:
        """The local administrator. Raises `Forbidden` for a request from another site."""
        origin = headers.get("origin")
        names = [_host(f"//{headers.get('host', '')}"), *([_host(origin)] if origin else [])]
        if not all(is_loopback(name) for name in names):
            raise Forbidden("auth is off, so only pages and programs of this machine may call: use 127.0.0.1")
        return Principal.administrator()


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def check_address(host: str, auth: str) -> None:
    """Refuse to let everyone in from everywhere.

    Raises:
        Misconfigured: `auth` is off, and `host` is more than this machine.
    """
    if auth == "off" and not is_loopback(host):
        raise Misconfigured(
            f"auth is off and the host is {host}: anyone who reaches that address would be administrator; "
            "listen on 127.0.0.1, or set PLUMBLINE_SERVICE__AUTH=keys and create a key"
        )


def is_loopback(host: str) -> bool:
    """Whether `host` can be reached from this machine alone."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require(principal: Principal, scope: str) -> None:
    """Raises `Forbidden` unless the principal has the scope."""
    if scope not in principal.scopes:
        raise Forbidden(f"this needs the scope {scope!r}: use a key that was created with --scopes {scope}")
