import pytest

from ingest.errors import CorruptFile
from ingest.readers.encoding import decode

GERMAN = "Gehälter und Prämien: 10 € für Müller"
RUSSIAN = "Привет, это заявление сотрудника на ежегодный оплачиваемый отпуск. " * 3
JAPANESE = "日本語のテキストです。休暇の申請について説明します。" * 3


@pytest.mark.parametrize("text", [GERMAN, RUSSIAN, JAPANESE, "plain", ""])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_encodings_are_told_by_their_marks(text, encoding):
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        ("résumé", "latin-1"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc-jp"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
    ],
)
def test_other_encodings_are_guessed(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_a_declared_encoding_comes_before_a_guess():
    assert decode("Łódź i Kraków".encode("cp1250"), [None, "cp1250"]) == "Łódź i Kraków"


@pytest.mark.parametrize("declared", ["no-such-encoding", "hex", "base64", "undefined", "idna"])
def test_a_nonsensical_declaration_is_ignored(declared):
    assert decode(b"caf\xe9", [declared]) == "café"


def test_damaged_utf8_keeps_all_sound_words():
    text = decode("Zürich, Genève, Malmö, Århus, Łódź".encode() + b" \xff end")
    assert text == "Zürich, Genève, Malmö, Århus, Łódź \ufffd end"


def test_a_stray_nul_is_forgiven():
    assert decode(b"one two\x00 three") == "one two\x00 three"


@pytest.mark.parametrize(
    "content", [bytes(range(256)), b"\x00" * 50 + b"ab", b"\x7fELF\x02\x01\x01" + b"\x00" * 9]
)
def test_binary_content_is_a_clear_error(content):
    with pytest.raises(CorruptFile, match="binary content"):
        decode(content)
