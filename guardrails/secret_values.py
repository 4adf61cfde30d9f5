"""What a value looks like: made by a generator, or written by a person, as words and placeholders are.

Knows nothing of where the value stands. Made for secrets of 8 to 512 characters.
"""

import math
import re
from collections import Counter
from itertools import pairwise

from guardrails.secret_examples import is_published

_words = str.split  # long lists read best as one string

_EVENNESS = 0.6  # least share of the entropy that an even draw from the same alphabet would have
_LEAST = 0.9  # bits a character that even a poor token has: "xxxxxxxx" has 0
_LONGEST_RUN = 8  # of one character, or of neighbours such as "abcdefgh"
_RUN_SHARE, _PERIOD_SHARE = 0.3, 0.25  # of the value: real tokens have long runs in long texts
_WORDY = 0.6  # share of letter pairs that are common in English: words have 0.7 to 0.9, random letters 0.2
_PAIRS_TO_JUDGE, _PAIRS_SHARE = 5, 0.4  # of letter pairs, and their share of the value: fewer tell nothing
_TURNS = 3  # between digits and letters
_LETTERS_ONLY, _DIGITS_ONLY = 20, 15  # least length of a generated value without the other kind

_STAND_IN = re.compile(
    r"""(?ix) x{5} | \.{3} | … | \*{3} | \#{4} | _{6} | •{3}
      | ^[<\[{(] | ^\$ | \$\{ | \$\( | \{\{ | ^%\w+% | %\( | ^@\w+@$ | example(?:key|token|secret)?=*$"""
)
_SAID = re.compile(
    r"(?i)your|change[_-]?(?:me|it|this)|replace|redacted|placeholder|dummy|insert[_-]|todo|fixme|goes[_-]here"
    r"|[_-]here\b|sample|foobar|example|not[_-]?(?:a[_-])?real|supersecret|mysecret|my[_-](?:secret|token|key|api)"
)
_UUID = re.compile(r"(?i)\{?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\}?\Z")
_PERIODIC = re.compile(r"\A(.{1,10}?)\1{2,}.{0,9}\Z|([\d-]{2,5}|[a-z]{2,4})\2{2,}")
_REFERENCE = re.compile(
    r"(?i)\A(?:[a-z][\w+.-]*:/|[./~]+[\w-]|[\w-]+(?:\.[a-z_][\w-]*)+\(|\w+[(\[]|arn:)"
    r"|\.(?:com|org|net|io|dev|local|pem|p12|cer|crt|jks|key|json|ya?ml|txt|png|html?|app|exe|dll|jar|py|js)(?:[/:]|\Z)"
    r"|\A[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z"
)
_MASK_RUN = re.compile(r"([\dA-CX-Za-cx-z*.#_?-])\1+")
_TURN = re.compile(r"(?<=\d)(?=[A-Za-z])|(?<=[A-Za-z])(?=\d)")
_BREAKS = re.compile(r"[^A-Za-z0-9]+")
_LETTERS = re.compile(r"[A-Za-z]+")
_COMMON = frozenset(
    _words(
        "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me "
        "de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot "
        "il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai "
        "sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke fr oo av ag "
        "if ap gr od bo sp rd do uc bu ei ov by rm ep tt oc fa ef cu rn sc gi da yo cr cl du ga qu ue ff ba "
        "ey ls va um pp ua up lu go ht ru ug ds lt pi rc rr eg au ck ew mu br bi pt ak pu ui rg ib tl ny ki "
        "rk ys ob mm fu ph"
    )
)


def is_stand_in(value: str) -> bool:
    """Whether the value stands in for a secret: a variable, a mask, a published example."""
    return (
        _STAND_IN.search(value) is not None
        or _is_periodic(value)
        or _is_run_of_a_mask(value)
        or is_published(value)
    )


def is_token_like(value: str) -> bool:
    """Whether a text of an issuer's shape may be a token: it varies at all, and is no alphabet."""
    return not is_stand_in(value) and _bits(value) >= _LEAST and _longest_run(value) < 2 * _LONGEST_RUN


def is_random(value: str) -> bool:
    """Whether no person would have written the value: characters in no order and no words."""
    if is_stand_in(value) or _SAID.search(value) or _REFERENCE.search(value):
        return False
    if _UUID.match(value):
        return True
    if _longest_run(value) >= _LONGEST_RUN or not _is_even(value):
        return False
    return _is_mixed(value) and _wordiness(value) < _WORDY


def is_uuid(value: str) -> bool:
    """Whether the value is a UUID, in braces or not."""
    return _UUID.match(value) is not None


def is_varied(value: str) -> bool:
    """Whether small letters, capitals and digits are all in it, and no word for a placeholder."""
    kinds = (any(map(kind, value)) for kind in (str.islower, str.isupper, str.isdigit))
    return all(kinds) and not is_stand_in(value) and _SAID.search(value) is None


def is_chosen(value: str) -> bool:
    """Whether the value may be a password that a person chose: no placeholder, no word of a sentence."""
    if is_stand_in(value) or _SAID.search(value) or _REFERENCE.search(value):
        return False
    return value.lower() not in WELL_KNOWN


WELL_KNOWN = frozenset(
    _words(
        "pass password passwd pwd test testing secret admin guest user username token yyy xxx none null nil "
        "true false undefined string required optional empty pw invalid unknown prompt basic hidden masked "
        "value wrong correct matches contains"
    )
)
"""What examples and schemas say in a secret's place."""


def _is_run_of_a_mask(value: str) -> bool:
    longest = max((match.end() - match.start() for match in _MASK_RUN.finditer(value)), default=0)
    return longest >= max(_LONGEST_RUN, _RUN_SHARE * len(value))


def _is_periodic(value: str) -> bool:
    match = _PERIODIC.search(value)
    return match is not None and len(match.group()) >= _PERIOD_SHARE * len(value)


def _is_mixed(value: str) -> bool:
    plain, turns = _BREAKS.sub("", value), len(_TURN.findall(value))
    if plain.isdigit():
        return len(plain) >= _DIGITS_ONLY
    if plain.isalpha():
        return len(plain) >= _LETTERS_ONLY
    return turns >= _TURNS or (turns > 0 and len(plain) >= _LETTERS_ONLY)


def _is_even(value: str) -> bool:
    """Entropy, against an even draw of as many characters from the smallest alphabet that holds all."""
    kinds = ("0-9", 10), ("0-9a-f", 16), ("0-9A-F", 16), ("0-9a-z", 36), ("0-9A-Z", 36)
    size = next((size for kind, size in kinds if re.fullmatch(f"[{kind}_.=-]+", value)), 62)
    return _bits(value) >= _EVENNESS * math.log2(min(size, len(value)))


def _bits(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


def _longest_run(value: str) -> int:
    """The longest part in which each character is the next one's neighbour: "abcdefgh", "12345678"."""
    longest = run = 1
    for a, b in pairwise(value):
        run = run + 1 if ord(b) - ord(a) == 1 else 1
        longest = max(longest, run)
    return longest


def _wordiness(value: str) -> float:
    pairs = [a + b for word in _LETTERS.findall(value.lower()) for a, b in pairwise(word)]
    if len(pairs) < max(_PAIRS_TO_JUDGE, _PAIRS_SHARE * len(value)):
        return 0.0
    return sum(pair in _COMMON for pair in pairs) / len(pairs)
