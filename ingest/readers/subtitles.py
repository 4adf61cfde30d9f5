"""Subtitles (WebVTT, SubRip): what is said, with the time of each change of speaker or pause."""

import html
import re
from pathlib import PurePath

from ingest.documents import Extract
from ingest.errors import CorruptFile
from ingest.readers.draft import Draft, one_line
from ingest.readers.encoding import decode

CUE = re.compile(
    r"^(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d\d):(?P<seconds>\d\d)[.,]\d{3}[ \t]+-->[ \t]+\S+[^\n]*\n"
    r"(?P<text>(?:[^\n]*\S[^\n]*(?:\n|\Z))*)",
    re.MULTILINE,
)
SPEAKER = re.compile(r"<v(?:\.[\w.-]+)?\s+([^>]{1,80})>")
TAG = re.compile(r"</?[^<>]{0,100}>")
TITLE = re.compile(r"\AWEBVTT[ \t]+-?[ \t]*(\S[^\n]*)")
LONGEST = 500  # characters of one block: a passage that a person says without a pause is cut here


def read(data: bytes, name: str) -> Extract:
    """Read cues in order; those of one speaker are joined, each block begins `[h:mm:ss] Speaker:`.

    Raises:
        CorruptFile: no cues in it.
    """
    text = decode(data).removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    draft = Draft()
    begin, speaker, words = "", "", ""
    found = False
    for cue in CUE.finditer(text):
        found = True
        said = cue["text"]
        named = SPEAKER.search(said)
        who = one_line(named[1]) if named else ""
        said = one_line(html.unescape(TAG.sub("", said)))
        if words and (who not in {"", speaker} or len(words) + len(said) > LONGEST):
            _flush(draft, begin, speaker, words)
            words = ""
        if not words:
            begin, speaker = f"{int(cue['hours'] or 0)}:{cue['minutes']}:{cue['seconds']}", who or speaker
        words = f"{words} {said}".strip()
    if not found:
        raise CorruptFile("no subtitles in it", "check the file's type and name")
    _flush(draft, begin, speaker, words)
    title = TITLE.match(text)
    return draft.extract(title[1] if title else PurePath(name).stem)


def _flush(draft: Draft, begin: str, speaker: str, words: str) -> None:
    if words:
        draft.block(f"[{begin}] {speaker}: {words}" if speaker else f"[{begin}] {words}", tight=True)
