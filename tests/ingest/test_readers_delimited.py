import pytest

from ingest.errors import CorruptFile
from ingest.readers.delimited import read
from tests.ingest import samples


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        ("Plan,Price\nBasic,10\nPro,20", ["Plan: Basic; Price: 10", "Plan: Pro; Price: 20"]),
        ("Plan;Price\nBasic;1,50\nPro;2,50", ["Plan: Basic; Price: 1,50", "Plan: Pro; Price: 2,50"]),
        ("Plan\tPrice\nBasic\t10", ["Plan: Basic; Price: 10"]),
        ("Plan|Price\nBasic|10", ["Plan: Basic; Price: 10"]),
        ('Name,Town\n"Lozano, Dr","Bonn\nam Rhein"', ["Name: Lozano, Dr; Town: Bonn am Rhein"]),
        ("Industry\nBanking\nTravel", ["Industry: Banking", "Industry: Travel"]),
        ("1,2\n3,4", ["1; 2", "3; 4"]),
        ("A,B\n1\n1,2,3\n\n,\n", ["A: 1", "A: 1; B: 2; 3"]),
        ("A,B,C\n1,,3", ["A: 1; C: 3"]),
        ("A,B", ["A; B"]),
        ("\ufeffA,B\n1,2", ["A: 1; B: 2"]),
        ("A,B\n1\x00,2", ["A: 1; B: 2"]),
    ],
)
def test_every_row_carries_its_headers(content, lines):
    assert read(content.encode(), "table.csv").text.split("\n") == lines


def test_every_row_is_a_block():
    extract = read(samples.table(), "prices.csv")
    assert len(extract.blocks) == len(samples.ROWS) * 20
    assert extract.text[slice(*extract.blocks[0])] == "Plan: Basic; Price: 10 EUR; Users: 5"
    assert extract.title == "prices"


def test_another_encoding_is_read():
    assert read("名前,年齢\n佐藤太郎,30\n三木英子,25\n髙橋淳,35".encode("cp932"), "t.csv").text.startswith(
        "名前: 佐藤太郎"
    )


def test_an_endless_cell_is_a_clear_error():
    with pytest.raises(CorruptFile, match="quotation mark"):
        read(b'A,B\n"' + b"x" * (5 * 1024**2), "table.csv")
