from dataclasses import replace
from datetime import date

import pytest

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.commands import run
from ingest.documents import Passage
from ingest.edition import document
from ingest.errors import BadManifest
from ingest.folder import Folders, Properties
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.lifecycle import Lifecycle, State, Treatment, state
from ingest.memory import MemoryStore
from ingest.order import Tools
from ingest.readers import markdown
from ingest.settings import IngestSettings, sqlite_url
from ingest.store import Mode

ADMIN = Principal.administrator()
TODAY = date(2026, 3, 31)
HIDE, DEMOTE, SHOW = Treatment.HIDE, Treatment.DEMOTE, Treatment.SHOW


@pytest.mark.parametrize(
    ("expires", "superseded", "expected"),
    [
        (None, False, State.CURRENT),
        ("2026-03-31", False, State.CURRENT),  # the last day that it holds for
        ("2026-03-30", False, State.EXPIRED),
        ("2026-03-30", True, State.EXPIRED),
        ("2026-04-01", True, State.SUPERSEDED),
    ],
)
def test_a_document_is_current_until_its_day_is_over_or_another_is_in_its_place(
    expires, superseded, expected
):
    assert state(expires, superseded, TODAY) is expected


@pytest.fixture
def aged(folder, tmp_path, blank_catalog, tools):
    """What a search finds of four documents under a policy, on a day."""
    for name, rules in (
        ("current", "{}"),
        ("expired", "expires: 2026-03-30"),
        ("superseded", "superseded_by: current/rates.txt"),
        ("later", "expires: 2026-03-31"),
    ):
        (folder / name).mkdir()
        (folder / name / "rates.txt").write_text(f"words about rates, {name}\n")
        (folder / name / ".plumbline.yaml").write_text(rules)
    file = tmp_path / "aged.db"
    file.write_bytes(blank_catalog.read_bytes())
    store = MemoryStore()
    opened = []

    def open_store(place, _):
        place.mkdir(exist_ok=True)
        return store

    def search(lifecycle, mode=Mode.DENSE, k=9):
        catalog = Catalog(sqlite_url(file))
        opened.append(Library(tmp_path, catalog, HashEmbedder(), open_store, lifecycle))
        if len(opened) == 1:
            run(Tools(opened[0], tools.loader), "sync", {"paths": [str(folder)]})
        found = opened[-1].search(ADMIN, "words about rates", k, mode)
        return [hit.uri.split("/")[-2] for hit in found]

    yield search
    for library in opened:
        library.close()


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("lifecycle", "expected", "last"),
    [
        (Lifecycle(HIDE, DEMOTE), {"current", "superseded", "later"}, {"superseded"}),
        (Lifecycle(HIDE, HIDE), {"current", "later"}, set()),
        (Lifecycle(SHOW, HIDE), {"current", "later", "expired"}, set()),
        (Lifecycle(DEMOTE, DEMOTE), {"current", "superseded", "later", "expired"}, {"superseded", "expired"}),
        (Lifecycle(DEMOTE, SHOW), {"current", "superseded", "later", "expired"}, {"expired"}),
    ],
)
def test_search_hides_or_demotes_by_policy(aged, mode, lifecycle, expected, last):
    found = aged(replace(lifecycle, today=lambda: TODAY), mode)
    assert set(found) == expected
    assert set(found[len(found) - len(last) :]) == last


def test_a_day_that_passes_needs_no_sync(aged):
    assert "later" in aged(Lifecycle(today=lambda: TODAY))
    assert "later" not in aged(Lifecycle(today=lambda: date(2026, 4, 1)))


def test_a_demoted_passage_gives_its_place_to_one_that_was_not_asked_for(aged):
    lifecycle = Lifecycle(SHOW, DEMOTE, lambda: TODAY)
    assert all("superseded" not in aged(lifecycle, k=k) for k in (1, 2, 3))
    assert aged(lifecycle, k=4)[-1] == "superseded"


def test_half_of_a_negative_score_is_no_gain():
    low = Passage("c", "d", "u", "t", "", "x", 0, 1, None, -0.2, superseded=True)
    [found] = Lifecycle().ordered([low])
    assert found.score == pytest.approx(-0.3)


def test_what_is_kept_of_answers_ends_with_the_day(tmp_path, blank_catalog):
    file = tmp_path / "c.db"
    file.write_bytes(blank_catalog.read_bytes())
    catalog = Catalog(sqlite_url(file))
    days = iter([date(2026, 3, 31), date(2026, 4, 1)])
    with Library(
        tmp_path, catalog, HashEmbedder(), lambda *_: MemoryStore(), Lifecycle(today=lambda: next(days))
    ) as library:
        assert library.generation(ADMIN) != library.generation(ADMIN)


def test_what_is_hidden_is_listed_with_its_state_and_counted(folder, tools):
    (folder / "old.txt").write_text("words\n")
    (folder / ".plumbline.yaml").write_text("expires: 2020-01-01\nsuperseded: true\n")
    run(tools, "sync", {"paths": [str(folder)]})
    [row] = run(tools, "list", {})["documents"]
    assert (row["state"], row["expires"], row["superseded_by"]) == ("expired", "2020-01-01", "")
    status = run(tools, "status", {})
    assert (status["documents"], status["expired"], status["superseded"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("superseded: true", "{}", ""),
        ("superseded_by: new.md", "{}", "new.md"),
        ("superseded_by: new.md", "superseded: false", None),
        ("superseded: true", "superseded_by: newer.md", "newer.md"),
        ("{}", "{}", None),
    ],
)
def test_the_nearest_manifest_says_what_is_superseded(tmp_path, above, below, expected):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / ".plumbline.yaml").write_text(above)
    (inner / ".plumbline.yaml").write_text(below)
    assert Folders(Properties(None)).of(inner / "a.md").superseded_by == expected


def test_a_manifest_that_says_it_wrongly_is_refused(tmp_path):
    (tmp_path / ".plumbline.yaml").write_text("superseded: perhaps\n")
    with pytest.raises(BadManifest, match="superseded"):
        Folders(Properties(None)).of(tmp_path / "a.md")


def made(front):
    return markdown.read(f"---\n{front}\n---\n# Rates\n\nThey are low.\n".encode(), "rates.md")


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("date: 2026-01-31", ("2026-01-31", None, None, None)),
        ("updated: 2026-02-01T10:00:00Z\ndate: 2026-01-31", ("2026-01-31", None, None, None)),
        ("lastmod: '2026-02-01'", ("2026-02-01", None, None, None)),
        ("expires: 2026-12-31\nlang: de-AT", (None, "2026-12-31", None, "de")),
        ("superseded_by: rates-2027.md", (None, None, "rates-2027.md", None)),
        ("superseded: true", (None, None, "", None)),
        ("superseded: false", (None, None, None, None)),
        ("date: soon\nlanguage: 1", (None, None, None, None)),
    ],
)
def test_front_matter_says_days_language_and_successor(front, expected):
    extract = made(front)
    assert (extract.dated, extract.expires, extract.superseded_by, extract.language) == expected


def test_front_matter_that_is_understood_is_no_text_and_the_rest_is():
    extract = made("date: 2026-01-31\nexpires: 2026-12-31\nowner: Ada\nreviewed: soon")
    assert extract.text == "owner: Ada\nreviewed: soon\n\nRates\n\nThey are low."


@pytest.mark.parametrize(
    ("front", "noted"),
    [
        ("title: Rates\nexpires: 2026-12-31\ndate: 2026-01-31\nlang: de\nsuperseded: no\ntags: [a]", []),
        ("groups: [ceo]", ["groups is for"]),
        ("acl:\n  - ceo\nlabels: [draft, travel]", ["acl is for", "labels is for"]),
        ("labels:\n- draft", ["labels is for"]),
        ("expires: someday\ndate: soon", ["date is no day", "expires is no day"]),
        ("expires: [2026-12-31]", ["expires is no day"]),
        ("date: soon\nupdated: 2026-01-31", []),
        ("language: 1", ["language is no language"]),
        ("superseded: perhaps", ["superseded is neither"]),
        ("label: oops\nowner: groups", []),
    ],
)
def test_front_matter_that_is_not_followed_is_noted_by_its_names_alone(front, noted):
    notes = made(front).notes
    assert [
        note.removeprefix("front matter: ")[: len(start)] for note, start in zip(notes, noted, strict=True)
    ] == (noted)
    assert not any(word in " ".join(notes) for word in ("ceo", "draft", "someday", "soon", "perhaps"))


def test_a_text_never_says_who_may_read_it():
    assert made("groups: everyone\naccess: public\nacl: all").text == "Rates\n\nThey are low."


@pytest.mark.parametrize(
    ("front", "folder", "expected"),
    [
        ("expires: 2026-12-31", {"expires": "2026-06-30"}, ("2026-06-30", None)),
        ("expires: 2026-06-30", {"expires": "2026-12-31"}, ("2026-06-30", None)),
        ("owner: Ada", {"expires": "2026-12-31"}, ("2026-12-31", None)),
        ("superseded: true", {"superseded_by": "new.md"}, (None, "new.md")),
        ("superseded_by: newer.md", {"superseded_by": "new.md"}, (None, "newer.md")),
        ("superseded: false", {"superseded_by": "new.md"}, (None, "new.md")),
        ("superseded: true", {}, (None, "")),
    ],
)
def test_a_document_ends_by_what_it_says_itself_or_by_what_its_folder_says(front, folder, expected):
    properties = Properties(Access.of("default", ()), **folder)
    found = document("u", made(front), properties, ())
    assert (found.expires, found.superseded_by) == expected


@pytest.mark.parametrize(
    ("front", "folder", "expected"),
    [
        ("owner: Ada", None, "en"),
        ("owner: Ada", "fr", "fr"),
        ("lang: de", "fr", "de"),
    ],
)
def test_a_language_is_told_or_else_detected(front, folder, expected):
    extract = made(front)
    text = "It is low for all who have been with the company for longer than one year, and nobody else."
    found = document(
        "u", replace(extract, text=text), Properties(Access.of("default", ()), language=folder), ()
    )
    assert found.language == expected


def test_the_settings_decide():
    settings = IngestSettings(expired="show", superseded="hide")
    assert (settings.lifecycle.expired, settings.lifecycle.superseded) == (SHOW, HIDE)
