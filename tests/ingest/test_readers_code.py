import pytest

from ingest.errors import CorruptFile
from ingest.readers.code import read


@pytest.mark.parametrize(
    ("name", "source", "headings"),
    [
        (
            "x.py",
            "@x\ndef one(a,\n    b):\n    pass\n\nclass Two(Base):\n    async def three(self): ...\n",
            [(1, "def one(a,"), (1, "class Two(Base)"), (2, "async def three(self): ...")],
        ),
        ("x.py", "definitely = 1\nclassy = 2\nprint('def x')\n", []),
        (
            "x.ts",
            "export default class A {\n  x = 1\n}\nexport async function b() {\n",
            [(1, "export default class A"), (1, "export async function b()")],
        ),
        (
            "x.go",
            "func (s *Server) Serve(a int) error {\n\treturn nil\n}\n",
            [(1, "func (s *Server) Serve(a int) error")],
        ),
        (
            "x.rs",
            "pub(crate) fn read() -> T {\n}\nimpl<T> Box<T> {\n",
            [(1, "pub(crate) fn read() -> T"), (1, "impl<T> Box<T>")],
        ),
        (
            "X.java",
            "public class X {\n    public static void main(String[] args) {\n    if (a) {\n",
            [(1, "public class X"), (2, "public static void main(String[] args)")],
        ),
        ("x.c", "static int add(int a, int b) {\n    while (a) {\n", [(1, "static int add(int a, int b)")]),
        ("x.sql", "CREATE TABLE plans (\n  id int\n);\nselect 1;\n", [(1, "CREATE TABLE plans")]),
        ("x.toml", "[tool.ruff]\na = 1\n", [(1, "[tool.ruff]")]),
        ("x.yaml", "jobs:\n  test: 1\nname: x\n", [(1, "jobs")]),
    ],
)
def test_definitions_are_headings(name, source, headings):
    assert [(mark.level, mark.title) for mark in read(source.encode(), name).marks] == headings


def test_the_text_is_the_file_so_that_offsets_count_to_lines():
    source = "# one\r\n\r\n\r\ndef two():\r\n\tpass\r\n"
    extract = read(source.encode(), "x.py")
    assert extract.text == "# one\n\n\ndef two():\n    pass\n"
    [mark] = extract.marks
    assert extract.text.count("\n", 0, mark.start) + 1 == 4
    assert [extract.text[start:end] for start, end in extract.blocks] == ["# one", "def two():\n    pass"]


def test_binary_content_is_a_clear_error():
    with pytest.raises(CorruptFile, match="binary content"):
        read(bytes(range(256)) * 9, "x.ts")
