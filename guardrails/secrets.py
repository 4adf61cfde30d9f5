"""The rail for credentials: tokens, private keys, and values whose place or name promises a secret."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator

from guardrails.cover import Cover
from guardrails.rail import Inspection, Sample
from guardrails.secret_issuers import BY_ISSUER, CANDIDATE, ISSUED
from guardrails.secret_names import Promise, promise
from guardrails.secret_patterns import (
    ASSIGNED,
    BLOB,
    BLOCK,
    BLOCK_BODY,
    HEADER,
    LOGINS,
    NEARBY,
    QUOTED,
    SERVICE_ACCOUNT,
    TELLING,
)
from guardrails.secret_values import (
    WELL_KNOWN,
    is_chosen,
    is_random,
    is_stand_in,
    is_token_like,
    is_uuid,
    is_varied,
)
from guardrails.verdict import Action, Finding
from guardrails.wording import small

_SURE, _LIKELY, _PERHAPS = 0.95, 0.75, 0.6
_GIVEN = "is given to a name that promises a secret"
_LEAST_SECRET, _LEAST_PASSWORD = 10, 6  # characters
_DIGEST_LENGTHS = frozenset({32, 40, 64, 96, 128})  # hexadecimal digits
_UNLIKE_WORDS = re.compile(r"[^\w\-'’./]|\d")  # noqa: RUF001  # an apostrophe is one of a word's

Span = tuple[int, int]


class Secrets:
    """Finds credentials by their shape; each becomes a placeholder such as `<GITHUB_TOKEN>`."""

    name = "secrets"

    def inspect(self, sample: Sample) -> Inspection:
        """Look for credentials in `sample.text`."""
        text = sample.text
        blobs = Cover(match.span() for match in BLOB.finditer(text))
        found = (each for each in _findings(text) if not blobs.holds((each.start, each.end)))
        return Inspection(tuple(_outermost(found)))


def _findings(text: str) -> Iterator[Finding]:
    yield from _blocks(text)
    yield from _tokens(text)
    plain = small(text)
    if any(word in plain for word in TELLING):
        yield from _assigned(text, plain)
        yield from _sent(text, plain)


def _blocks(text: str) -> Iterator[Finding]:
    for match in BLOCK.finditer(text):
        if BLOCK_BODY.search(match["body"]):
            yield _finding("PRIVATE_KEY", match.span(), _SURE, "a private key")
    for match in SERVICE_ACCOUNT.finditer(text):
        yield _finding("PRIVATE_KEY", match.span(), _PERHAPS, "a key file of a service account")


def _tokens(text: str) -> Iterator[Finding]:
    for run in CANDIDATE.finditer(text):
        for label, pattern in ISSUED:
            for match in pattern.finditer(text, *run.span()):
                if is_token_like(match.group()):
                    yield _finding(label, match.span(), _SURE, "has the shape of an issued token")


def _assigned(text: str, plain: str) -> Iterator[Finding]:
    for pattern in ASSIGNED:
        for match in pattern.finditer(text, plain):
            value = _unclosed(match["secret"])
            label = _kept(match["name"], value)
            if label is not None:
                start = match.start("secret")
                yield _finding(label, (start, start + len(value)), _LIKELY, _GIVEN)
    for match in QUOTED.finditer(text, plain):
        if promise(match["name"]) is Promise.PASSWORD and is_chosen(match["secret"]):
            yield _finding(Promise.PASSWORD, match.span("secret"), _PERHAPS, _GIVEN)
    for match in NEARBY.finditer(text, plain):
        value = match["secret"]
        if is_random(value) and not _is_digest(value) and not is_uuid(value):
            yield _finding(Promise.SECRET, match.span("secret"), _PERHAPS, "is spoken of as a secret")


def _unclosed(value: str) -> str:
    """The value without brackets that were opened before it."""
    return value if any(bracket in value for bracket in "([{") else value.rstrip(")]}")


def _kept(name: str, value: str) -> str | None:
    """The label of what `name` holds; None if that is no secret."""
    if any(issuer.search(name) and shape.match(value) for issuer, shape in BY_ISSUER):
        return None if is_stand_in(value) else Promise.SECRET
    promised = promise(name)
    if promised is Promise.PASSWORD:
        return promised if len(value) >= _LEAST_PASSWORD and is_chosen(value) and _is_complex(value) else None
    if promised is Promise.SECRET and len(value) >= _LEAST_SECRET and is_random(value):
        return promised
    return None


def _sent(text: str, plain: str) -> Iterator[Finding]:
    for pattern in LOGINS:
        for match in pattern.finditer(text, plain):
            value = match["secret"]
            if value.lower() not in WELL_KNOWN and (not is_stand_in(value) or value[0] == "{"):
                yield _finding("LOGIN", match.span("secret"), _LIKELY, "stands beside a user's name")
    for match in HEADER.finditer(text, plain):
        value, scheme = match["secret"], (match["scheme"] or "").lower()
        if is_random(value) or is_varied(value) or (scheme == "basic" and _is_login(value)):
            yield _finding("AUTHORIZATION", match.span("secret"), _LIKELY, "is sent as a credential")


def _is_complex(password: str) -> bool:
    """Whether it is no word or words of a sentence: letters, and among them what no word has."""
    inner = password.rstrip(".!?:…*_")
    return any(char.isalpha() for char in inner) and _UNLIKE_WORDS.search(inner) is not None


def _is_login(value: str) -> bool:
    """Whether the value is a user's name and password as HTTP sends them."""
    try:
        return b":" in base64.b64decode(value, validate=True)
    except binascii.Error:
        return False


def _is_digest(value: str) -> bool:
    return len(value) in _DIGEST_LENGTHS and all(char in "0123456789abcdefABCDEF" for char in value)


def _finding(label: str, span: Span, score: float, reason: str) -> Finding:
    return Finding(Secrets.name, str(label), Action.REDACT, score, *span, reason, replacement=f"<{label}>")


def _outermost(findings: Iterable[Finding]) -> list[Finding]:
    """The findings without those that lie in a surer one, or in one as sure and longer."""
    kept: list[Finding] = []
    taken = Cover()
    for found in sorted(findings, key=lambda found: (-found.score, found.start - found.end)):
        span = found.start, found.end
        if not taken.holds(span):
            kept.append(found)
            taken.add(span)
    return kept
