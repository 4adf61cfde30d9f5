"""Questions that an older edition answers differently: the answer must be the newer one's."""

import re
from collections.abc import Iterator

from eval.evidence import says
from eval.generator.facts import Fact
from eval.generator.layout import sentences
from eval.generator.material import Draft, Family, Material

_WORD = re.compile(r"[a-zà-þ]{4,}")
_ALIKE = 0.6  # part of a question's words that the older sentence must have


def propose(material: Material) -> Iterator[Draft]:
    """A question for every fact of a newest edition that an older one tells otherwise."""
    for family in material.families:
        for fact in material.facts:
            if fact.sentence.source.uri == family.newer.uri and _told_otherwise(fact, family):
                asked = f'According to the current "{family.title}", {fact.bare[0].lower()}{fact.bare[1:]}?'
                yield Draft(material.question("outdated", asked, fact.answers, [fact.sentence]))


def _told_otherwise(fact: Fact, family: Family) -> bool:
    """Whether a sentence of the older edition is about the same, has a number too, and not this answer."""
    words = set(_WORD.findall(fact.bare.lower())) - {"much", "many", "does", "what", "when"}
    for sentence in sentences(family.older):
        shared = words & set(_WORD.findall(sentence.text.lower()))
        figure = re.search(r"\d", sentence.text) is not None
        if words and len(shared) >= _ALIKE * len(words) and figure:
            return not says(fact.answers[0], sentence.text)
    return False
