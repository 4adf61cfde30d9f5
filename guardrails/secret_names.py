"""What a name promises: `db_password` a password, `stripe.apiKey` a secret, `publicKey` neither."""

import re
from enum import StrEnum


class Promise(StrEnum):
    """What the value would be, if the name holds what it promises: the label of a finding."""

    SECRET = "SECRET"  # noqa: S105  # a label
    PASSWORD = "PASSWORD"  # noqa: S105  # as above


_words = str.split  # long lists read best as one string
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_]+")
_PASSWORDS = frozenset(
    _words(
        "password passwd passphrase passcode pwd pass pw passwort kennwort contraseña senha mdp passe "
        "wachtwoord"
    )
)
_SECRETS = frozenset(_words("token tokens secret secrets credential credentials auth authorization"))
_ENDINGS = tuple(
    _words("token secret password passwd apikey accesskey secretkey authkey privatekey passphrase")
)
_KEYS = frozenset({"key", "keys"})
_KEYED_BY = frozenset(
    _words(
        "api secret access private auth encryption signing master service license licence shared account "
        "admin personal webhook sdk rest write deploy signature hmac jwt aes rsa ssh storage subscription "
        "integration application app client consumer developer server bot security primary secondary root "
        "session cookie openai anthropic stripe github gitlab google azure aws"
    )
)
_DENYING = frozenset(
    _words(
        "public pub csrf xsrf authenticity page next prev continuation cursor pagination id ids name names "
        "path file filename url uri non not no invalid wrong fake dummy mock example sample placeholder bad "
        "cache partition foreign sort bucket idempotency hash digest checksum fingerprint count max min "
        "length size limit expiry refs ref label title hint"
    )
)
_TRAILING = frozenset(
    _words("value val prod production dev stage staging live test default str string b b64 base64 env")
)


def promise(name: str) -> Promise | None:
    """What the name promises, by its last words. Letters may be cased or joined in any way."""
    words = [word.lower() for word in _WORD.findall(name)]
    while words and words[-1] in _TRAILING:
        words.pop()
    if not words or _DENYING.intersection(words[-3:]):
        return None
    last = words[-1]
    if last in _PASSWORDS or last.endswith(("password", "passwd", "passwort", "passphrase")):
        return Promise.PASSWORD
    if last in _SECRETS or last.endswith(_ENDINGS):
        return Promise.SECRET
    return Promise.SECRET if last in _KEYS and _KEYED_BY.intersection(words[-3:-1]) else None
