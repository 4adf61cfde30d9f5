"""The bullets and numbers of Word lists, which the file holds as counters and not as text."""

from collections import Counter

from ingest.readers.tree import Node, value, word

DEEPEST = 8
UNNUMBERED = {None, "bullet", "none"}


class ListNumbers:
    """Counts the items of each list of one document, in reading order.

    `styles` and `numbering` are the roots of these two parts; a document without lists has no numbering.
    """

    def __init__(self, styles: Node, numbering: Node | None) -> None:
        self._counts: Counter[tuple[str, int]] = Counter()
        self._styles = {
            style.get(word("styleId")): value(style, "w:pPr/w:numPr/w:numId")
            for style in styles.iter(word("style"))
        }
        self._formats: dict[tuple[str | None, str], str | None] = {}
        self._definitions: dict[str | None, str | None] = {}
        if numbering is not None:
            self._formats = {
                (definition.get(word("abstractNumId")), level.get(word("ilvl")) or "0"): value(
                    level, "w:numFmt"
                )
                for definition in numbering.iter(word("abstractNum"))
                for level in definition.iter(word("lvl"))
            }
            self._definitions = {
                number.get(word("numId")): value(number, "w:abstractNumId")
                for number in numbering.iter(word("num"))
            }

    def prefix(self, paragraph: Node) -> str:
        """What stands before the text of a list item (`- `, `3. `), with its indent; else nothing."""
        list_id = self._list_of(paragraph)
        if list_id in {None, "0"}:
            return ""
        level = value(paragraph, "w:pPr/w:numPr/w:ilvl") or "0"
        depth = min(int(level), DEEPEST) if level.isdecimal() else 0
        if self._formats.get((self._definitions.get(list_id), str(depth))) in UNNUMBERED:
            return f"{'  ' * depth}- "
        return f"{'  ' * depth}{self._next(str(list_id), depth)}. "

    def _list_of(self, paragraph: Node) -> str | None:
        direct = value(paragraph, "w:pPr/w:numPr/w:numId")
        return direct or self._styles.get(value(paragraph, "w:pPr/w:pStyle"))

    def _next(self, list_id: str, depth: int) -> int:
        """Count one item; the lists below it start again."""
        self._counts[list_id, depth] += 1
        for deeper in range(depth + 1, DEEPEST + 1):
            self._counts.pop((list_id, deeper), None)
        return self._counts[list_id, depth]
