"""Under what an answer is kept: all that it depends on, and all that limits who may have it."""

import hashlib
import re
import unicodedata
from dataclasses import replace

from ingest.access import Principal, access_digest
from service.answer import Ask

_WORD = re.compile(r"\w+")
_QUOTES = str.maketrans("‘’“”", "''\"\"")  # noqa: RUF001  # as phones write them
_END = "?. "


def is_cacheable(ask: Ask, understood: str) -> bool:
    """Whether the question may have an answer that was given to another asker, or give them one.

    It must be `understood` as it was asked: a follow-up borrows from a conversation that is its asker's
    alone, and of a question that a rail redacted the rest looks like that of others. Nothing may have been
    said before it: what the asker wrote is let through to that asker alone. And its answer must be
    repeatable: whoever asks for variety (a temperature, without a seed) gets it.
    """
    alone = len(ask.heard) == 1 and understood == ask.question
    return alone and (not ask.sampling.temperature or ask.sampling.seed is not None)


def cache_key(principal: Principal, index: str, ask: Ask, model: str, policy: str) -> str:
    """SHA-256 over tenant and access, the index's generation, adapter, policy, sampling and question.

    All else that an `Ask` may say is in it too: a new parameter needs no change here to tell answers apart.
    """
    request = replace(ask, messages=(), model=model, conversation_id=None, store=True)
    parts = (principal.tenant, access_digest(principal), index, policy, request, normalised(ask.question))
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


def normalised(question: str) -> str:
    """The question without what people write differently and mean alike.

    That is spacing, capitals, the shape of quotation marks, the mark at the end. A word all in capitals
    keeps them: IT is not it. Nothing else is folded: 10² is not 102, and Maße are not Masse.
    """
    text = " ".join(unicodedata.normalize("NFC", question).translate(_QUOTES).split())
    return _WORD.sub(_lowered, text).rstrip(_END) or text


def _lowered(match: re.Match[str]) -> str:
    word = match.group()
    return word if len(word) > 1 and word.isupper() else word.lower()
