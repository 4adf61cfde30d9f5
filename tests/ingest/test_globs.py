import pytest

from ingest.errors import Misuse
from ingest.globs import EVERYTHING, Globs


@pytest.mark.parametrize(
    ("include", "exclude", "taken", "left"),
    [
        ([], [], ["a.md", "b/c.txt"], []),
        (["*.md"], [], ["a.md", "b/c/d.md"], ["a.txt", "a.md.txt", "md"]),
        (["*.md", "*.txt"], [], ["a.md", "b/a.txt"], ["a.pdf"]),
        ([], ["drafts/"], ["a.md", "drafts", "b/drafts.md"], ["drafts/a.md", "b/drafts/c/d.md"]),
        ([], ["/top/*.txt"], ["top/a/b.txt", "b/top/a.txt"], ["top/a.txt"]),
        (
            ["docs/**/*.md"],
            ["old.md"],
            ["docs/a.md", "docs/b/c.md"],
            ["a.md", "docs/old.md", "docs/b/old.md"],
        ),
        ([], ["*.txt", "!keep.txt"], ["keep.txt", "b/keep.txt"], ["a.txt"]),
    ],
)
def test_patterns_mean_what_they_mean_in_a_gitignore(include, exclude, taken, left):
    globs = Globs.of(include, exclude)
    assert [path for path in (*taken, *left) if globs.takes(path)] == taken


def test_an_excluded_folder_is_not_entered():
    globs = Globs.of(["*.md"], ["drafts/", "*.txt"])
    assert [folder for folder in ("drafts", "a/drafts", "a", "drafts2") if globs.enters(folder)] == [
        "a",
        "drafts2",
    ]
    assert EVERYTHING.enters("drafts")


@pytest.mark.parametrize("pattern", ["!", "\\", "[z-a]"])
def test_a_pattern_that_cannot_be_followed_is_named(pattern):
    with pytest.raises(Misuse, match="is no pattern: write them"):
        Globs.of(exclude=["*.md", pattern])
