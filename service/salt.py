"""Tenants apart in an engine's prefix cache: what one has asked must not speed another's answer up."""

import hashlib
import hmac
import secrets
import tempfile
from pathlib import Path

BYTES = 32


class Salt:
    """Names for tenants that tell nobody who they are."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, tenant: str) -> str:
        """The tenant's salt: 64 hexadecimal digits."""
        name = tenant.encode("utf-8", "surrogatepass")
        return hmac.new(self._secret, name, hashlib.sha256).hexdigest()


def kept_secret(file: Path) -> bytes:
    """The secret in `file`; one is made and kept there, for its owner's eyes, if there is none.

    The caller has claimed the data folder, so nobody else makes one at the same time.
    """
    if not file.exists():
        with tempfile.NamedTemporaryFile("w", dir=file.parent, prefix=file.name, delete=False) as scratch:
            scratch.write(secrets.token_hex(BYTES))
        Path(scratch.name).replace(file)
    return file.read_bytes()
