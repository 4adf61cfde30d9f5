import dataclasses

import pytest

from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection
from guardrails.verdict import FAILED, Action, Finding, Stage, Verdict
from ingest.access import Principal
from ingest.commands import run
from ingest.errors import NoRecord, NotIndexed
from ingest.screen import OneScreen
from ingest.store import Mode

ADMIN = Principal.administrator()
STRICTER = Policy.model_validate(
    {"name": "stricter", "message": "-", "stages": {"document": {"injection": {"action": "block"}}}}
)


class Notes:
    """Keeps what is noted, or fails."""

    def __init__(self, error=None):
        self.error, self.noted = error, []

    def note(self, screened):
        if self.error:
            raise self.error
        self.noted.append(screened)


class Words:
    """Blocks `attack`, redacts `secret`, flags `mail`: wherever they stand."""

    def screen(self, _stage, text):
        found = [
            Finding("words", word, action, 1.0, start, start + len(word), "a word", "[gone]")
            for word, action in (("attack", Action.BLOCK), ("secret", Action.REDACT), ("mail", Action.FLAG))
            if (start := text.find(word)) >= 0
        ]
        severest = max((each.action for each in found), key=lambda a: a.severity, default=Action.ALLOW)
        return Verdict(severest, text, tuple(found), judged=text)


class Broken:
    def screen(self, _stage, text):
        return Verdict(
            Action.BLOCK, "-", (Finding("x", FAILED, Action.BLOCK, 1.0, 0, len(text), "no model"),)
        )


@pytest.fixture
def strict(tools):
    return dataclasses.replace(tools, screens=OneScreen(Words()), journal=Notes())


@pytest.fixture
def held(folder, synced, strict):
    (folder / "one.txt").write_text("an attack, a secret, by mail\n")
    (folder / "two.txt").write_text("words about two\n")
    synced(using=strict, groups=["hr"])
    return f"file://{folder}/one.txt"


def texts(library, principal=ADMIN):
    return sorted(hit.text for hit in library.search(principal, "words", 99, Mode.DENSE))


def listed(tools, **arguments):
    return run(tools, "quarantine", arguments)["quarantined"]


def test_what_is_held_is_listed_with_what_was_found_and_not_with_its_text(held, strict):
    [case] = listed(strict)
    assert case["uri"] == held
    assert [(each["label"], each["action"], each["count"]) for each in case["findings"]] == [
        ("attack", "block", 1),
        ("mail", "flag", 1),
        ("secret", "redact", 1),
    ]
    assert len(case["content_hash"]) == 64
    assert "an attack" not in str(case)


def test_a_release_indexes_the_text_for_those_who_were_to_read_it_without_its_secrets(held, strict, library):
    result = run(strict, "release", {"uri": held})
    assert (result["released"], result["sync"]["added"], result["sync"]["failed"]) == (held, 1, [])
    reader, other = (Principal("default", name, frozenset({name})) for name in ("hr", "sales"))
    assert texts(library, reader) == ["an attack, a [gone], by mail", "words about two"]
    assert texts(library, other) == []
    assert listed(strict) == []


def test_a_release_is_on_record_by_whom_and_for_which_text(held, strict):
    [case] = listed(strict)
    before = len(strict.journal.noted)
    run(strict, "release", {"uri": held})
    [decided] = strict.journal.noted[before].verdict.findings
    assert decided.action is Action.FLAG
    assert "local-administrator" in decided.reason
    assert case["content_hash"] in decided.reason


def test_nothing_is_released_that_cannot_be_put_on_record(held, strict):
    full = dataclasses.replace(strict, journal=Notes(NoRecord("full", "make room")))
    with pytest.raises(NoRecord):
        run(full, "release", {"uri": held})
    assert strict.library.catalog.quarantine.released("default") == {}


def test_a_release_holds_for_that_text_alone_and_stays(held, folder, synced, strict, library):
    run(strict, "release", {"uri": held})
    assert synced(using=strict, groups=["hr"]).failed == []
    (folder / "one.txt").write_text("another attack\n")
    assert len(synced(using=strict, groups=["hr"]).failed) == 1
    assert not any("another" in text for text in texts(library))
    (folder / "one.txt").write_text("an attack, a secret, by mail\n")
    assert synced(using=strict, groups=["hr"]).failed == []
    assert listed(strict) == []


def test_the_same_text_elsewhere_is_not_released(held, folder, synced, strict):
    run(strict, "release", {"uri": held})
    (folder / "copy.txt").write_text("an attack, a secret, by mail\n")
    assert len(synced(using=strict, groups=["hr"]).failed) == 1


def test_a_release_is_no_other_tenants(held, strict, synced):
    run(strict, "release", {"uri": held})
    assert len(synced(using=strict, tenant="acme").failed) == 1
    assert [case["uri"] for case in listed(strict, tenant="acme")] == [held]
    assert listed(strict) == []


@pytest.mark.parametrize(
    "principal", [Principal.administrator("acme"), Principal("default", "ada", frozenset({"hr"}))]
)
def test_nobody_but_the_tenants_administrator_sees_or_releases(held, strict, principal):
    quarantine = strict.library.catalog.quarantine
    assert quarantine.cases(principal) == ()
    with pytest.raises(NotIndexed):
        quarantine.case(principal, held)


def test_an_unknown_uri_is_told_how_to_find_one(strict):
    with pytest.raises(NotIndexed, match="quarantine list"):
        run(strict, "release", {"uri": "file:///nothing"})


def test_a_text_whose_file_is_gone_is_released_for_when_it_comes_back(held, folder, synced, strict):
    text = (folder / "one.txt").read_text()
    (folder / "one.txt").unlink()
    assert run(strict, "release", {"uri": held})["sync"] is None
    (folder / "one.txt").write_text(text)
    assert synced(using=strict, groups=["hr"]).failed == []


@pytest.mark.parametrize("change", ["mended", "gone", "emptied"])
def test_what_is_mended_or_vanished_leaves_quarantine(held, folder, synced, strict, change):
    if change == "gone":
        (folder / "one.txt").unlink()
    else:
        (folder / "one.txt").write_text("harmless\n" if change == "mended" else "")
    synced(using=strict, groups=["hr"], prune=True)
    assert listed(strict) == []


@pytest.mark.parametrize("change", ["DAMAGED", "an attack"])
def test_what_is_still_bad_or_cannot_be_read_stays_in_quarantine(held, folder, synced, strict, change):
    (folder / "one.txt").write_text(change)
    synced(using=strict, groups=["hr"])
    assert [case["uri"] for case in listed(strict)] == [held]


def test_an_unmounted_share_empties_no_quarantine(held, folder, synced, strict):
    for file in folder.iterdir():
        file.unlink()
    synced(using=strict, groups=["hr"])
    assert [case["uri"] for case in listed(strict)] == [held]


def test_a_rail_that_breaks_down_takes_nothing_out_of_the_index(folder, synced, tools, library):
    (folder / "one.txt").write_text("words about one\n")
    synced()
    broken = dataclasses.replace(tools, screens=OneScreen(Broken(), STRICTER), journal=Notes())
    assert len(synced(using=broken).failed) == 1
    assert texts(library) == ["words about one"]


def test_what_was_found_is_counted_by_rail_and_action(folder, synced, strict):
    for name, text in (("a", "an attack"), ("b", "a secret"), ("c", "another secret"), ("d", "nothing")):
        (folder / f"{name}.txt").write_text(text)
    report = synced(using=strict)
    assert report.rails == {"words": {"block": 1, "redact": 2}}
    assert synced(using=strict).rails == {"words": {"block": 1}}  # what is unchanged is not read again


class Blocking:
    """Blocks everything."""

    name = "injection"

    def inspect(self, _sample):
        return Inspection((Finding("injection", "any", Action.BLOCK, 1.0, 0, 1, "any"),))


class Hiding:
    """Finds a secret in everything."""

    name = "secrets"

    def inspect(self, _sample):
        return Inspection((Finding("secrets", "key", Action.REDACT, 1.0, 0, 1, "a key"),))


def test_all_rails_read_a_document_that_one_blocks():
    rules = {"injection": {"action": "block"}, "secrets": {"action": "redact"}}
    policy = Policy.model_validate(
        {"name": "p", "message": "-", "stages": {"document": rules, "input": rules}}
    )
    guard = Guard(policy, [Blocking(), Hiding()])
    assert {found.rail for found in guard.screen(Stage.DOCUMENT, "text").findings} == {"injection", "secrets"}
    assert {found.rail for found in guard.screen(Stage.INPUT, "text").findings} == {"injection"}
