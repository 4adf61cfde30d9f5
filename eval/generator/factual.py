"""Factual questions: what a sentence says."""

from collections.abc import Iterator

from eval.generator.material import Draft, Material


def propose(material: Material) -> Iterator[Draft]:
    """A question a fact."""
    for fact in material.facts:
        yield Draft(material.question("factual", fact.question, fact.answers, [fact.sentence]))
