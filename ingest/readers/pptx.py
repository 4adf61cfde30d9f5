"""PowerPoint (PPTX): slide by slide, the title as a heading, then text, tables, charts and notes."""

import io
import re
from pathlib import PurePath

import pptx
from pptx.exc import PythonPptxError
from pptx.opc.package import Part
from pptx.slide import Slide

from ingest.documents import Extract
from ingest.errors import CorruptFile, NoTextFound
from ingest.readers.dates import day
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.package import DAMAGE, tree, usual
from ingest.readers.pptx_charts import CHART, chart_table, chart_title
from ingest.readers.pptx_shapes import (
    DIAGRAM,
    diagram_texts,
    drawing,
    paragraphs,
    placeholder,
    shape,
    table_rows,
)
from ingest.readers.pptx_shapes import shapes as shapes_below
from ingest.readers.tree import Node

NO_TITLE = re.compile(r"^$|^(microsoft )?powerpoint|^slide \d+$|^pr[äe]sentation( \d+)?$", re.IGNORECASE)
TITLES = frozenset({"title", "ctrTitle"})
FURNITURE = frozenset({"dt", "ftr", "sldNum", "hdr", "sldImg"})  # date, footer, number, thumbnail
RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def read(data: bytes, name: str) -> Extract:
    """Read a presentation; every slide is a page. Comments and what stands on masters are left out.

    Raises:
        CorruptFile: truncated, damaged, or no presentation.
        FileTooLarge: it unpacks to far more than its size.
        NoTextFound: no slide holds text.
    """
    draft = Draft()
    try:
        presentation = pptx.Presentation(io.BytesIO(usual(data)))
        about = presentation.core_properties
        title, dated = one_line(about.title or ""), day((about.modified, about.created))
        for number, slide in enumerate(presentation.slides, start=1):
            draft.page(number)
            _add_slide(draft, slide)
    except (*DAMAGE, PythonPptxError) as error:
        raise CorruptFile("not a readable presentation", "open it in PowerPoint and save it again") from error
    if NO_TITLE.search(title):
        title = draft.first_heading or PurePath(name).stem
    extract = draft.extract(title, dated=dated)
    if not extract.text:
        raise NoTextFound("the presentation holds no text", "pictures are not read")
    return extract


def _add_slide(draft: Draft, slide: Slide) -> None:
    found = [one for one in shapes_below(slide.element) if placeholder(one) not in FURNITURE]
    titles = [one for one in found if placeholder(one) in TITLES]
    for one in titles:
        draft.heading(1, " ".join(text for text, _ in paragraphs(one)))
    for one in found:
        if one.tag == shape("graphicFrame"):
            _add_frame(draft, one, slide.part)
        elif one not in titles:
            _add_text(draft, one)
    if slide.has_notes_slide:
        _add_notes(draft, slide.notes_slide.element)


def _add_text(draft: Draft, element: Node) -> None:
    for text, is_item in paragraphs(element):
        draft.block(text, tight=is_item)


def _add_frame(draft: Draft, frame: Node, part: Part) -> None:
    """A table, a chart or a diagram. The latter two are parts of their own, of which we read the data."""
    for table in frame.iter(drawing("tbl")):
        rows, has_header = table_rows(table)
        draft.table(*((rows[1:], rows[0]) if has_header and len(rows) > 1 else split_header(rows)))
    for chart in frame.iter(f"{{{CHART}}}chart"):
        for root in _related(part, chart.get(f"{RELATION}id")):
            draft.block(chart_title(root))
            draft.table(*chart_table(root))
    for diagram in frame.iter(f"{{{DIAGRAM}}}relIds"):
        for root in _related(part, diagram.get(f"{RELATION}dm")):
            for text in diagram_texts(root):
                draft.block(f"- {text}", tight=True)


def _related(part: Part, relation: str | None) -> list[Node]:
    """The root of the part that `relation` names, or none where it points outside or nowhere."""
    found = part.rels.get(relation or "")
    return [] if found is None or found.is_external else [tree(found.target_part.blob)]


def _add_notes(draft: Draft, notes: Node) -> None:
    """The speaker's notes, which say that they are."""
    bodies = [one for one in shapes_below(notes) if placeholder(one) == "body"]
    texts = [text for body in bodies for text, _ in paragraphs(body)]
    if texts:
        draft.block("Notes: " + "\n".join(texts))
