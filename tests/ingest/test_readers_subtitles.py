import pytest

from ingest.errors import CorruptFile
from ingest.readers.subtitles import LONGEST, read

VTT = """WEBVTT - Meeting

NOTE unseen

id-1
00:01.000 --> 00:02.000 align:start
<v Ann>We <b>start</b> &amp;

00:02.000 --> 00:03.000
<v Ann>go on.

01:02:03.000 --> 01:02:04.000
<v Bob>No.
"""
SRT = """1
00:00:01,000 --> 00:00:02,000
<i>One</i>
two

2
00:00:03,000 --> 00:00:04,000
three
"""


def test_cues_of_a_speaker_are_joined_and_begin_with_their_time():
    extract = read(VTT.encode(), "x.vtt")
    assert extract.title == "Meeting"
    assert extract.text == "[0:00:01] Ann: We start & go on.\n[1:02:03] Bob: No."
    assert len(extract.blocks) == 2


def test_subrip_is_read_alike():
    assert read(SRT.replace("\n", "\r\n").encode(), "x.srt").text == "[0:00:01] One two three"


def test_a_long_speech_is_cut_between_cues():
    cues = "\n".join(f"00:{n:02}.000 --> 00:{n + 1:02}.000\n{'word ' * 20}\n" for n in range(20))
    blocks = read(f"WEBVTT\n\n{cues}".encode(), "x.vtt").blocks
    assert len(blocks) > 3
    assert all(end - start < LONGEST + 20 for start, end in blocks)


@pytest.mark.parametrize("data", [b"WEBVTT\n", b"words", b"00:01 --> 00:02\nx"])
def test_no_cues_is_a_clear_error(data):
    with pytest.raises(CorruptFile, match="no subtitles"):
        read(data, "x.vtt")
