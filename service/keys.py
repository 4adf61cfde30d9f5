"""API keys: made once, shown once, known afterwards by their hash alone."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime

from ingest.access import LONGEST_NAME, Principal
from service.errors import BadRequest
from service.ledger import Ledger, now, stamp
from service.records import KeyRecord

PREFIX = "pk-"
# Tokens' subjects begin with it, and no key's name does: they are never the same caller.
OIDC_PREFIX = "oidc:"
# Whom the command line and `auth = "off"` ask as.
LOCAL = frozenset({"local", Principal.administrator().subject})
KEY_BYTES = 32
SCOPES = ("chat", "ingest", "admin", "eval")


class Keyring:
    """The keys of one ledger."""

    remedy = "`python -m service keys create` makes a key"

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def create(
        self,
        tenant: str,
        groups: Iterable[str],
        scopes: Iterable[str],
        name: str | None = None,
        expires: datetime | None = None,
    ) -> tuple[str, str]:
        """Make a key for `tenant`; returns its id and the key, which nobody can ever read again.

        `name` is the subject that records are kept under; the key's id, if there is none. Without
        `expires` (an aware time) the key holds until it is revoked.

        Raises:
            BadRequest: a scope that does not exist, or none; a name that the ledger has no room for, or that
                is not for keys.
        """
        groups = sorted(set(groups))
        _check_names(tenant, *groups, *([name] if name else []))
        _check_free(name or "")
        wanted = tuple(dict.fromkeys(scopes))
        unknown = sorted(set(wanted) - set(SCOPES))
        if unknown or not wanted:
            raise BadRequest(f"unknown scopes {', '.join(unknown) or '(none)'}: use {', '.join(SCOPES)}")
        key_id, key = f"key-{secrets.token_hex(8)}", PREFIX + secrets.token_urlsafe(KEY_BYTES)
        ends = stamp(expires) if expires else None
        record = KeyRecord(key_id, tenant, name or key_id, tuple(groups), wanted, now(), expires_at=ends)
        self._ledger.add_key(record, _digest(key))
        return key_id, key

    def list(self) -> list[KeyRecord]:
        """All keys, revoked and expired ones too, the oldest first."""
        return self._ledger.keys()

    def revoke(self, key_id: str) -> None:
        """End a key's validity; a running server sees it at the next request. Raises `NotFound`."""
        self._ledger.revoke_key(key_id)

    def principal(self, key: str) -> Principal | None:
        """Whose key this is; None for a key that does not hold.

        A key is found by its hash: how long that takes says nothing about the key. What does not begin as
        our keys do is none, whatever the ledger says or cannot say.
        """
        if not key.startswith(PREFIX):
            return None
        digest = _digest(key)
        found = self._ledger.key(digest)
        if found is None or not hmac.compare_digest(found[1], digest):
            return None
        record = found[0]
        return Principal(record.tenant, record.subject, frozenset(record.groups), frozenset(record.scopes))


def _check_names(*names: str) -> None:
    for name in names:
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise BadRequest(f"{name[:20]!r}... is no name: use up to {LONGEST_NAME} printable characters")


def _check_free(name: str) -> None:
    if name in LOCAL or name.startswith(OIDC_PREFIX):
        raise BadRequest(f"the name {name[:20]!r} is not for keys: tokens or this machine's commands have it")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
