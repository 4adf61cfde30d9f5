import pytest

from ingest.access import Access
from ingest.errors import BadManifest
from ingest.folder import Folders, Properties

DEFAULTS = Properties(Access.of("acme", ["staff"]))


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    return tmp_path


def test_without_a_manifest_the_defaults_hold(tree):
    assert Folders(DEFAULTS).properties(tree / "a") == DEFAULTS


def test_the_nearest_manifest_wins_key_by_key(tree):
    (tree / ".plumbline.yaml").write_text("groups: [hr]\nlabels: [old]\nlanguage: en\n")
    (tree / "a" / "b" / ".plumbline.yaml").write_text("labels: [new]\nexpires: 2030-01-31\nlicense: MIT\n")
    found = Folders(DEFAULTS).properties(tree / "a" / "b")
    assert found.access.groups == {"hr"}
    assert found.labels == {"new"}
    assert (found.language, found.expires, found.license) == ("en", "2030-01-31", "MIT")


def test_an_empty_list_of_groups_opens_to_the_tenant(tree):
    (tree / ".plumbline.yaml").write_text("groups: [hr]\n")
    (tree / "a" / ".plumbline.yaml").write_text("groups: []\n")
    folders = Folders(DEFAULTS)
    assert folders.properties(tree / "a").access.groups == frozenset()
    assert folders.properties(tree).access.groups == {"hr"}


def test_an_empty_manifest_says_nothing(tree):
    (tree / ".plumbline.yaml").write_text("")
    assert Folders(DEFAULTS).properties(tree) == DEFAULTS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("groups: [hr", "line"),
        ("groups: hr", "groups"),
        ("groups:", "groups"),
        ("groups: [1]", "groups.0"),
        ("groups: ['']", "groups.0"),
        ("group: [hr]", "group"),
        ("- hr", "it"),
        ("expires: soon", "expires"),
        ("language: [en]", "language"),
        ("!!python/object/apply:os.system ['true']", "line"),
        (b"\xff\xfe\xff", "YAML"),
        ("\x00", "YAML"),
    ],
)
def test_a_manifest_that_cannot_be_followed_is_an_error(tree, content, told):
    (tree / "a" / ".plumbline.yaml").write_bytes(content if isinstance(content, bytes) else content.encode())
    folders = Folders(DEFAULTS)
    for _ in range(2):
        with pytest.raises(BadManifest, match="mend it") as caught:
            folders.properties(tree / "a")
        assert told in str(caught.value)
        assert str(tree / "a" / ".plumbline.yaml") in str(caught.value)
    assert folders.properties(tree) == DEFAULTS


def test_a_broken_manifest_above_is_not_healed_by_one_below(tree):
    (tree / ".plumbline.yaml").write_text("groups: {")
    (tree / "a" / ".plumbline.yaml").write_text("groups: [hr]")
    with pytest.raises(BadManifest):
        Folders(DEFAULTS).properties(tree / "a")
