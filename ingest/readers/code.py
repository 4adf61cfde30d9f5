"""Source code and configuration: the text as it stands, definitions as headings.

Lines are kept, so that a citation's offsets count to lines of the file.
"""

import re
from itertools import pairwise
from pathlib import PurePath

from ingest.documents import Extract, Mark
from ingest.readers.draft import one_line
from ingest.readers.encoding import decode

MODIFIERS = (
    r"(?:(?:export|default|async|public|private|protected|internal|static|final|abstract|override|open|data"
    r"|sealed|inline|virtual|unsafe|extern|const|pub(?:\([a-z]+\))?)\s+){0,6}"
)
KEYWORDS = (
    r"(?:def|class|function\*?|interface|enum|struct|trait|impl|fn|func|fun|type|object|module|namespace"
    r"|record|message|service|sub)"
)
DEFINITION = re.compile(
    rf"^(?P<indent>[ \t]{{0,16}}){MODIFIERS}{KEYWORDS}\b(?:[ \t]+|(?=<))[\w$<(][^\n{{]*", re.MULTILINE
)
# In C, Java and C#: a type, a name and parameters at the start of a line, and an opening brace.
C_LIKE = frozenset({".c", ".h", ".cc", ".cpp", ".hpp", ".java", ".cs"})
C_FUNCTION = re.compile(
    r"^(?P<indent>[ \t]{0,8})(?!(?:return|else|if|for|while|switch)\b)"
    r"[\w:<>,*&\[\]]+[ \t*&][\w:<>,*& \t\[\]]*\b[\w:~]+\([^;{}\n]{0,300}\)[^;{}\n]{0,60}\{|"
    + DEFINITION.pattern.replace("(?P<indent>", "(?P<deeper>"),
    re.MULTILINE,
)
SQL = re.compile(r"^(?P<indent>[ \t]*)create\s[^\n(;]{3,200}", re.MULTILINE | re.IGNORECASE)
SECTION = re.compile(r"^(?P<indent>)\[+[^\]\n]+\]+[ \t]*$|^(?P<key>[A-Za-z][\w.-]*):[ \t]*$", re.MULTILINE)
SETTINGS = frozenset({".yaml", ".yml", ".toml", ".ini", ".cfg", ".properties"})
PARAGRAPH = re.compile(r"\S[^\n]*(?:\n[^\n]*\S[^\n]*)*")
LONGEST_TITLE = 120
STEP = 4  # columns of indentation for a level
DEEPEST = 4


def read(data: bytes, name: str) -> Extract:
    """Read a file of source code in any common language, by its suffix.

    Raises:
        CorruptFile: the content is not text.
    """
    text = decode(data).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " " * STEP)
    path = PurePath(name)
    marks = tuple(_marks(text, _rule(path.suffix.lower())))
    starts = [mark.start for mark in marks]
    bounds = [0, *starts, len(text)]
    blocks = [
        (begin + found.start(), begin + found.end())
        for begin, end in pairwise(bounds)
        for found in PARAGRAPH.finditer(text[begin:end])
    ]
    return Extract(path.name, text, marks, tuple(blocks))


def _rule(suffix: str) -> re.Pattern[str]:
    if suffix in SETTINGS:
        return SECTION
    if suffix == ".sql":
        return SQL
    return C_FUNCTION if suffix in C_LIKE else DEFINITION


def _marks(text: str, rule: re.Pattern[str]) -> list[Mark]:
    """A heading where each definition begins, as deep as it is indented."""
    marks = []
    for found in rule.finditer(text):
        words = found[0].lstrip()
        start = found.end() - len(words)
        column = start - (text.rfind("\n", 0, start) + 1)
        level = min(1 + column // STEP, DEEPEST)
        marks.append(Mark(start, level, one_line(words).rstrip("{:;= ")[:LONGEST_TITLE]))
    return marks
