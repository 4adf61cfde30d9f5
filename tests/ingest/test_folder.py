import pytest

from ingest.access import Access
from ingest.errors import BadManifest, NoReaders
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
        ("expires: 2026-02-30", "YAML"),
        ("groups: " + "[" * 5_000, "YAML"),
        ('license: "\\ud800"', "license"),
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


@pytest.mark.parametrize(
    ("default", "here", "there", "readers"),
    [
        ([], None, "[hr]", {"hr"}),
        ([], "[]", "[hr]", {"hr"}),
        ([], "[hr]", None, {"hr"}),
        ([], "[hr]", "[]", {"hr"}),
        ([], "[hr, staff]", "[hr, legal]", {"hr"}),
        ([], "[hr]", "[legal]", None),
        (["staff"], None, "[hr]", {"hr"}),
        (["staff"], None, "[]", {"staff"}),
        (["staff"], "[staff]", "[hr]", None),
        (["staff"], None, None, {"staff"}),
    ],
)
@pytest.mark.parametrize("way", ["file", "folder", "chain"])
def test_a_link_never_makes_a_file_readable_by_more(tmp_path, default, here, there, readers, way):
    public, private, store = (tmp_path / name for name in ("public", "private", "store"))
    for folder, groups in ((public, here), (private, there), (store, None)):
        folder.mkdir()
        if groups:
            (folder / ".plumbline.yaml").write_text(f"groups: {groups}\n")
    real = store if way == "chain" else private
    (real / "pay.md").write_text("pay")
    if way == "chain":
        (private / "pay.md").symlink_to("../store/pay.md")
    linked = public / "private" / "pay.md" if way == "folder" else public / "pay.md"
    (linked if way != "folder" else linked.parent).symlink_to(
        private if way == "folder" else private / "pay.md"
    )
    folders = Folders(Properties(Access.of("acme", default)))
    if readers is None:
        with pytest.raises(NoReaders, match="group in common"):
            folders.of(linked)
    else:
        assert folders.of(linked).access.groups == readers


def test_behind_a_link_labels_add_up_and_the_earlier_end_counts(tree):
    (tree / "a" / ".plumbline.yaml").write_text("labels: [old]\nexpires: 2030-01-31\n")
    (tree / "a" / "b" / ".plumbline.yaml").write_text("labels: [new]\nexpires: 2031-01-31\n")
    (tree / "a" / "b" / "x.md").write_text("x")
    (tree / "a" / "x.md").symlink_to("b/x.md")
    found = Folders(DEFAULTS).of(tree / "a" / "x.md")
    assert (found.labels, found.expires) == ({"old", "new"}, "2030-01-31")
