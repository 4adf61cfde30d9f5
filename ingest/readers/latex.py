"""LaTeX: sections, paragraphs, lists, tables and formulas as they are written. Inputs are never followed."""

import re
from pathlib import PurePath

from ingest.documents import Extract
from ingest.readers.draft import Draft, one_line, split_header
from ingest.readers.encoding import decode

COMMENT = re.compile(r"(?<!\\)%.*$", re.MULTILINE)
BODY = re.compile(r"\\begin\{document\}(?P<body>.*?)(?:\\end\{document\}|\Z)", re.DOTALL)
SECTIONS = ("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph")
GROUP = r"\{(?P<%s>(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,2000}\}){0,200}\}){0,2000})\}"
SECTION = re.compile(rf"\\(?P<kind>{'|'.join(SECTIONS)})\*?\s*(?:\[[^\]]{0, 500}\])?\s*" + GROUP % "title")
TITLE = re.compile(r"\\title\s*(?:\[[^\]]{0,500}\])?\s*" + GROUP % "title")
TABULAR = re.compile(
    r"\\begin\{(?P<kind>tabular[xy*]?|longtable)\*?\}(?P<rows>.{0,20000}?)\\end\{(?P=kind)\*?\}", re.DOTALL
)
COLUMNS = re.compile(r"\A\s*(?:\[[^\]]{0,500}\])?(?:\s*" + GROUP % "columns" + r"){1,2}")
VERBATIM = re.compile(
    r"\\begin\{(?P<kind>verbatim|lstlisting|minted)\*?\}(?P<code>.{0,20000}?)\\end\{(?P=kind)\*?\}", re.DOTALL
)
RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|(?:cline|cmidrule)\s*(?:\([^)]*\))?\s*\{[^}]*\})")
# Commands whose arguments nobody reads, and those that leave their last argument.
SILENT = re.compile(
    r"\\(?:label|ref|eqref|autoref|cref|Cref|pageref|cite[a-z]*|includegraphics|input|include|bibliography"
    r"|bibliographystyle|usepackage|documentclass|vspace|hspace|setlength|newcommand|renewcommand|def"
    r"|pagestyle|rule|vphantom|phantom|thispagestyle|setcounter|addtocounter|definecolor|color|rowcolor|hypersetup|index)\*?"
    r"(?:\s*\[[^\]]{0,500}\])*(?:\{[^{}]{0,2000}\}){0,3}"
)
ENVIRONMENT = re.compile(r"\\(?:begin|end)\{[^}]*\}(?:\[[^\]]{0,500}\])?")
ITEM = re.compile(r"\\item\b(?:\s*\[(?P<term>[^\]]{0,200})\])?")
ARGUMENT = re.compile(
    r"\\(?!(?:frac|sqrt|sum|int|mathbf|mathrm|mathcal|text)\b)[a-zA-Z]+\*?(?:\[[^\]]{0,500}\])?\{([^{}]*)\}"
)
SWITCH = re.compile(
    r"\\(?:centering|maketitle|tableofcontents|noindent|newpage|clearpage|appendix|small|large|bf|it)\b"
)
ESCAPED = re.compile(r"\\([%&$#_{}])")
MATH = re.compile(
    r"\$\$?[^$]{1,2000}\$\$?|\\\[.{1,4000}?\\\]|\\\(.{1,2000}?\\\)"
    r"|\\begin\{(?P<kind>equation|align|gather|eqnarray|multline)(?P<star>\*?)\}.{1,8000}?\\end\{(?P=kind)(?P=star)\}",
    re.DOTALL,
)
PARAGRAPH = re.compile(r"\n\s*\n")
# Commands that print only their last argument.
WRAPPED = re.compile(
    r"\\(?:multirow|multicolumn|href|textcolor|colorbox|fontsize)\*?(?:\[[^\]]{0,500}\])?(?:\{[^{}]{0,2000}\}){1,2}(?=\{)"
)
BRACES = re.compile(r"(?<![\\A-Za-z}])[{}]|(?<!\\)\}(?=\s|$)")
NESTED = 3  # commands in commands in commands
MARK = re.compile("\x00(\\d+)\x00")


def read(data: bytes, name: str) -> Extract:
    """Read a document, or a part of one that others input. Macros are not expanded.

    Raises:
        CorruptFile: the content is not text.
    """
    text = COMMENT.sub("", decode(data).replace("\r\n", "\n").replace("\0", ""))
    title = TITLE.search(text)
    body = BODY.search(text)
    draft = Draft()
    if title:
        draft.heading(1, _plain(title["title"]))
    _Walk(draft, below=1 if title else 0).run(body["body"] if body else text)
    return draft.extract(draft.first_heading or PurePath(name).stem)


def _plain(text: str) -> str:
    """What is printed of running text: commands give way to their arguments, formulas stay."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found[0])
        return f"\x00{len(kept) - 1}\x00"

    text = MATH.sub(keep, text)
    text = WRAPPED.sub("", ENVIRONMENT.sub("", SWITCH.sub("", SILENT.sub("", text))))
    for _ in range(NESTED):
        text = ARGUMENT.sub(r"\1", text)
    text = (
        ENVIRONMENT.sub("", text)
        .replace("~", " ")
        .replace("\\\\", "\n")
        .replace("``", '"')
        .replace("''", '"')
    )
    text = ESCAPED.sub(r"\1", BRACES.sub("", text))
    return MARK.sub(lambda found: kept[int(found[1])], text)


class _Walk:
    """One pass over the body: sections, and in them code, tables, then paragraphs."""

    def __init__(self, draft: Draft, below: int) -> None:
        self._draft = draft
        self._below = below

    def run(self, body: str) -> None:
        top = min((SECTIONS.index(found["kind"]) for found in SECTION.finditer(body)), default=0)
        end = 0
        for found in SECTION.finditer(body):
            self._section(body[end : found.start()])
            level = SECTIONS.index(found["kind"]) - top + 1 + self._below
            self._draft.heading(level, _plain(found["title"]))
            end = found.end()
        self._section(body[end:])

    def _section(self, text: str) -> None:
        end = 0
        for found in re.finditer(
            f"{VERBATIM.pattern}|{TABULAR.pattern.replace('kind', 'table')}", text, re.DOTALL
        ):
            self._paragraphs(text[end : found.start()])
            if found["code"] is not None:
                self._draft.block(found["code"])
            else:
                self._table(found["rows"])
            end = found.end()
        self._paragraphs(text[end:])

    def _paragraphs(self, text: str) -> None:
        for paragraph in PARAGRAPH.split(text):
            first, *items = ITEM.split(paragraph)[::1] if "\\item" in paragraph else [paragraph]
            self._draft.block(_joined(first))
            for term, words in zip(items[::2], items[1::2], strict=True):
                label = f"{_joined(term)}: " if term else ""
                self._draft.block(f"- {label}{_joined(words)}", tight=True)

    def _table(self, rows: str) -> None:
        body = RULE.sub("", COLUMNS.sub("", rows, count=1))
        lines = [
            line for line in re.split(r"\\\\(?:\[[^\]]{0,500}\])?|\\tabularnewline", body) if line.strip()
        ]
        cells = [[_joined(cell) for cell in re.split(r"(?<!\\)&", line)] for line in lines]
        self._draft.table(*split_header([row for row in cells if any(row)]))


def _joined(text: str) -> str:
    return "\n".join(line for line in map(one_line, _plain(text).split("\n")) if line)
