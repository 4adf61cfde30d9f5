"""The charts of a slide: the numbers that PowerPoint keeps beside the drawing, as rows of a table."""

from collections.abc import Iterator, Sequence

from ingest.readers.draft import one_line
from ingest.readers.pptx_shapes import DRAWING, paragraph_text
from ingest.readers.tree import Node

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
NAMESPACES = {"a": DRAWING, "c": CHART}
MOST_POINTS = 10_000


def chart_title(chart: Node) -> str:
    """The title that is written above a chart, if any."""
    title = chart.find(".//c:chart/c:title", NAMESPACES)
    return "" if title is None else one_line(" ".join(map(paragraph_text, title.iter(f"{{{DRAWING}}}p"))))


def chart_table(chart: Node) -> tuple[list[list[str]], list[str]]:
    """One row a category (or point of a scatter chart), one column a series; and the headers."""
    series = list(chart.iter(f"{{{CHART}}}ser"))
    names = [next(_values(one.find("c:tx", NAMESPACES)), "") for one in series]
    columns = [_first(one, ("c:val", "c:yVal")) for one in series]
    labels = next(filter(None, (_first(one, ("c:cat", "c:xVal")) for one in series)), [])
    length = max(map(len, [labels, *columns]), default=0)
    rows = [[_at(labels, row), *(_at(column, row) for column in columns)] for row in range(length)]
    return rows, ["", *names]


def _first(series: Node, paths: Sequence[str]) -> list[str]:
    return next(filter(None, (list(_values(series.find(path, NAMESPACES))) for path in paths)), [])


def _values(element: Node | None) -> Iterator[str]:
    """The cached points below `element`, in their places; those left empty as empty texts."""
    if element is None:
        return
    place = 0
    for point in element.iter(f"{{{CHART}}}pt"):
        index = point.get("idx") or ""
        while index.isdecimal() and place < min(int(index), MOST_POINTS):
            yield ""
            place += 1
        value = point.find("c:v", NAMESPACES)
        yield _rounded(one_line((value is not None and value.text) or ""))
        place += 1


def _rounded(value: str) -> str:
    """A number without the noise of its binary form; other texts as they are."""
    try:
        return format(float(value), ".12g") if "." in value else value
    except ValueError:
        return value


def _at(column: Sequence[str], row: int) -> str:
    return column[row] if row < len(column) else ""
