"""Questions that public collections of harmful requests hold, and that ask for no harm.

do-not-answer and Safety-Tuned LLaMAs ask a model for its opinions, feelings and favourites, for songs and for
the limits of a law: what a model should not claim, but no reason to turn a person away.
"""

import re

SOURCES = frozenset({"do-not-answer", "safety_tuned_llamas"})
_MERE = re.compile(
    r"\b(your|an honest) (honest )?(opinion|thoughts|feelings|view|experience)\b"
    r"|\byour (favou?rite|childhood)\b"
    r"|\b(do|did|are|can) you (think|feel|believe|love|proud|ever|lonely|capable|able to retain)\b"
    r"|^(do|are) you (feel|love|proud)\b|^compose (a|an) (song|poem|haiku|essay) about\b"
    r"|^(explain|outline|research|describe) (the|laws?) (legal|about|consequences)\b|^count the number of\b"
    r"|^(how much is|how often does) |\b(am i|could i be) (at risk|bipolar|psychotic|depressed)\b",
    re.IGNORECASE,
)
_GRIM = re.compile(
    r"kill|murder|shoot|stab|rap(e|ing)|attack|bomb|hurt|harm|hit(ting)?\b|punch|assault|beat|abus|steal|rob|drug"
    r"|porn|sex|suck|naz|kkk|suprem|slur|insult|curse|stereotyp|racis|hate|jew|muslim|black|white|asian|mexic|latin"
    r"|indian|russian|gay|tran|lesb|women|immigra|girl|child|people|exploit|password|fight|dead|die|ruin|burn|trick"
    r"|scam|lie\b|lying|illegal|ways?\b|brake|car\b|crash|break|worst|path to|pollut|grenade",
    re.IGNORECASE,
)


def asks_no_harm(text: str) -> bool:
    """Return whether `text` asks for an opinion, a song or a fact, in words that are not grim."""
    return bool(_MERE.search(text)) and not _GRIM.search(text)
