"""Table questions: what stands in a cell, asked by its row and column."""

from collections.abc import Iterator

from eval.generator.material import Draft, Material


def propose(material: Material) -> Iterator[Draft]:
    """A question a cell."""
    for cell in material.cells:
        yield Draft(material.question("table", cell.question, [cell.value], [cell.row]))
