"""A line of a page, and where it stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: its cells (parted by wide gaps) and its box in points, y upwards."""

    cells: tuple[str, ...]
    left: float
    right: float
    bottom: float
    top: float
    bold: bool = False

    @property
    def text(self) -> str:
        """The words of all cells."""
        return " ".join(self.cells)

    @property
    def height(self) -> float:
        """Height of the line's box, which grows with the size of its font."""
        return self.top - self.bottom
