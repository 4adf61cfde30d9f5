"""The rail for credentials: tokens, private keys, and values assigned to names that promise a secret."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from guardrails.rail import Inspection, Sample
from guardrails.secret_patterns import ASSIGNMENT_PATTERNS, BLOCK_PATTERN, TOKEN_PATTERNS
from guardrails.verdict import Action, Finding

_SURE, _LIKELY = 0.95, 0.75
_LEAST_BITS = 2.5  # a character; "xxxxxxxx" has 0, a random hexadecimal token of 32 about 3.7
_PLACEHOLDER = re.compile(
    r"(?i)x{6}|\.\.\.|\*{3}|#{4}|example$|your[_-]|changeme|redacted|placeholder|\$\{?\w|%\w+%"
)
_WELL_KNOWN = {
    "pass",
    "password",
    "passwd",
    "test",
    "secret",
    "admin",
    "guest",
    "user",
    "username",
    "token",
    "yyy",
}  # what examples say
_UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_SEGMENT = re.compile(r"[A-Za-z0-9+/]{10,}")
_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")
_ADDRESS = re.compile(
    r"(?i)https?://|[\w.-]+\.(?:com|org|net|io|dev|pem|json|ya?ml|txt|png|html?|app)\b|^[./~]|\w+\("
)


class Secrets:
    """Finds credentials by their shape; each becomes a placeholder such as `<GITHUB_TOKEN>`."""

    name = "secrets"

    def inspect(self, sample: Sample) -> Inspection:
        """Look for credentials in `sample.text`."""
        return Inspection(tuple(_findings(sample.text)))


def _findings(text: str) -> Iterator[Finding]:
    for match in BLOCK_PATTERN.finditer(text):
        yield _finding("PRIVATE_KEY", match.span(), _SURE, "a private key")
    for label, pattern in TOKEN_PATTERNS:
        for match in pattern.finditer(text):
            if _is_random(match.group()):
                yield _finding(label, match.span(), _SURE, "has the shape of an issued token")
    for label, pattern in ASSIGNMENT_PATTERNS:
        for match in pattern.finditer(text):
            if _is_secret(label, match.group("secret")):
                yield _finding(
                    label, match.span("secret"), _LIKELY, "is given to a name that promises a secret"
                )


def _finding(label: str, span: tuple[int, int], score: float, reason: str) -> Finding:
    return Finding(Secrets.name, label, Action.REDACT, score, *span, reason, replacement=f"<{label}>")


def _is_secret(label: str, value: str) -> bool:
    if _PLACEHOLDER.search(value) or _ADDRESS.search(value):
        return False
    if label == "LOGIN":
        return value.lower() not in _WELL_KNOWN
    if label == "PASSWORD":
        return any(char.isalpha() for char in value) and any(
            not char.isalpha() for char in value.rstrip(".!?")
        )
    return _is_random(value) and (_UUID.match(value) is not None or _looks_generated(value))


def _is_random(value: str) -> bool:
    """Whether the characters vary as a generator's would: rules out "XXXX" and other placeholders."""
    if _PLACEHOLDER.search(value):
        return False
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts) >= _LEAST_BITS


def _looks_generated(value: str) -> bool:
    """Whether letters and digits alternate within one segment, as they do not in words and versions."""
    return any(len(_TURN.findall(segment)) >= 3 for segment in _SEGMENT.findall(value))  # noqa: PLR2004 measured
