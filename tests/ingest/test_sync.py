import dataclasses
import os
import shutil
import threading
import time
from contextlib import contextmanager, suppress
from unittest.mock import Mock

import pytest

from guardrails.policy import Policy
from ingest import formats
from ingest.access import Principal
from ingest.documents import document_id
from ingest.errors import CorruptFile, NoRecord, StoreFault
from ingest.publish import Publisher
from ingest.screen import NO_RULES, OneScreen, Screening
from ingest.store import Mode
from tests.postgres import BOTH

pytestmark = BOTH
ADMIN = Principal.administrator()
RULES = {"document": {"injection": {"action": "block"}}}
STRICT = Policy.model_validate({"name": "strict", "message": "-", "stages": RULES})


def counts(report):
    return report.added, report.updated, report.unchanged, report.deleted


def everything(library, principal=ADMIN):
    """What a reader sees of the index, whatever way it came to be."""
    records = [
        library.document(principal, record.document_id) for record in library.documents(principal).records
    ]
    passages = library.search(principal, "words", 1000, Mode.DENSE) if records else []
    return (
        [(one.uri, one.title, one.text, one.chunks, one.access, one.labels, one.version) for one in records],
        sorted((hit.uri, hit.chunk_id, hit.text, hit.start, hit.end) for hit in passages),
    )


@pytest.fixture
def files(folder):
    for name in ("one", "two", "three", "four", "five", "six"):
        (folder / f"{name}.txt").write_text(f"words about {name}\n")
    return folder


def test_every_file_is_indexed_and_found(files, synced, library):
    report = synced()
    assert counts(report) == (6, 0, 0, 0)
    assert (report.chunks, report.skipped, report.failed) == (6, [], [])
    [first, *_] = library.search(ADMIN, "about three", 3)
    assert first.uri == f"file://{files}/three.txt"
    record = library.document(ADMIN, first.document_id)
    assert record.text[first.start : first.end] == first.text


def test_a_second_run_changes_nothing(files, synced, library):
    synced()
    before = everything(library)
    assert counts(synced()) == (0, 0, 6, 0)
    assert everything(library) == before


def test_an_unchanged_file_is_not_even_read(files, synced, monkeypatch):
    synced()
    monkeypatch.setattr("ingest.take.read_bytes", lambda *_: pytest.fail("it was read"))
    assert counts(synced()) == (0, 0, 6, 0)


def test_a_file_that_was_only_touched_is_unchanged(files, synced):
    synced()
    os.utime(files / "one.txt", (1, 1))
    assert counts(synced()) == (0, 0, 6, 0)


def test_a_change_that_keeps_size_and_date_is_seen(files, synced, library):
    synced()
    status = (files / "one.txt").stat()
    (files / "one.txt").write_text("words about onx\n")
    os.utime(files / "one.txt", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert counts(synced()) == (0, 1, 5, 0)
    assert "words about onx" in [hit.text for hit in library.search(ADMIN, "onx", 3)]


def test_a_changed_file_replaces_its_old_version(files, synced, library):
    synced()
    (files / "one.txt").write_text("entirely new\n")
    report = synced()
    assert counts(report) == (0, 1, 5, 0)
    texts = [hit.text for hit in library.search(ADMIN, "words about one", 100)]
    assert "entirely new" in texts
    assert not any("about one" in text for text in texts)


def test_a_vanished_file_is_deleted(files, synced, library):
    synced()
    (files / "one.txt").unlink()
    assert counts(synced()) == (0, 0, 5, 1)
    assert len(library.documents(ADMIN).records) == 5
    assert not any("about one" in hit.text for hit in library.search(ADMIN, "words about one", 100))


def test_losing_more_than_a_fifth_stops_before_deleting_and_asks_for_prune(files, synced, library):
    synced()
    for name in ("one", "two"):
        (files / f"{name}.txt").unlink()
    (files / "new.txt").write_text("a new one\n")
    report = synced()
    assert counts(report) == (1, 0, 4, 0)
    [(uri, error)] = report.failed
    assert uri == f"file://{files}"
    assert "2 of 6" in error
    assert "--prune" in error
    assert len(library.documents(ADMIN).records) == 7
    assert counts(synced(prune=True)) == (0, 0, 5, 2)


def test_an_unmounted_share_deletes_nothing(files, synced, library):
    synced()
    shutil.rmtree(files)
    files.mkdir()
    report = synced()
    assert (counts(report), len(report.failed)) == ((0, 0, 0, 0), 1)
    assert len(library.documents(ADMIN).records) == 6


def test_renamed_files_are_no_loss(files, synced, library):
    synced()
    for name in ("one", "two", "three"):
        (files / f"{name}.txt").rename(files / f"{name}-renamed.txt")
    # The title comes from the name, the content hash does not.
    report = synced()
    assert counts(report) == (3, 0, 3, 3)
    assert [[uri.removeprefix(f"file://{files}/") for uri in pair] for pair in report.renamed] == [
        ["one.txt", "one-renamed.txt"],
        ["three.txt", "three-renamed.txt"],
        ["two.txt", "two-renamed.txt"],
    ]
    assert sorted(record.uri.rpartition("/")[2] for record in library.documents(ADMIN).records) == [
        "five.txt",
        "four.txt",
        "one-renamed.txt",
        "six.txt",
        "three-renamed.txt",
        "two-renamed.txt",
    ]


def test_a_copy_makes_up_for_one_loss_only(files, synced):
    for name in ("one", "two", "three"):
        (files / f"{name}.txt").write_text("the same words\n")
    synced()
    for name in ("one", "two", "three"):
        (files / f"{name}.txt").unlink()
    (files / "copy.txt").write_text("the same words\n")
    report = synced()
    assert (counts(report), report.renamed) == ((1, 0, 3, 0), [])
    assert "2 of 6" in report.failed[0][1]


def test_what_is_excluded_has_vanished(files, synced, library):
    synced()
    assert counts(synced(exclude=["one.*"])) == (0, 0, 5, 1)
    assert counts(synced(include=["/one.txt"])) == (1, 0, 0, 0)
    assert len(library.documents(ADMIN).records) == 6
    assert counts(synced(include=["/one.txt"], prune=True)) == (0, 0, 1, 5)


def test_a_dry_run_says_what_would_be_done_and_does_nothing(files, synced, tools, library, word_screen):
    (files / "gone.txt").write_text("words about gone\n")
    (files / "moved.txt").write_text("words about moved\n")
    synced()
    before, traces = everything(library), library.catalog.traces("default", "file:/")
    (files / "one.txt").write_text("an attack\n")
    (files / "two.txt").write_text("sent by mail\n")
    (files / "picture.bin").write_text("x")
    (files / "gone.txt").unlink()
    (files / "moved.txt").rename(files / "there.txt")
    journal = Notes()
    using = dataclasses.replace(tools, screens=OneScreen(word_screen), journal=journal)
    dry = synced(using=using, dry=True)
    assert (everything(library), journal.noted) == (before, [])
    assert library.catalog.traces("default", "file:/") == traces
    wet = synced(using=using)
    assert counts(dry) == counts(wet) == (1, 1, 4, 2)
    names = {"add": ["there.txt"], "update": ["two.txt"], "delete": ["gone.txt", "moved.txt"]}
    would = {what: [(files / name).as_uri() for name in those] for what, those in names.items()}
    assert not any(uris for uris in wet.would.values())
    told = wet.as_json() | {"dry_run": True, "would": would}
    assert dry.as_json() | {"seconds": 0} == told | {"seconds": 0}
    assert "dry_run" not in wet.as_json()
    assert (len(wet.failed), len(wet.skipped), len(wet.renamed)) == (1, 1, 1)


def test_whoever_watches_may_stop_it_and_the_next_run_completes_it(files, synced, library):
    class StopError(Exception):
        pass

    def stop(done, of):
        assert (done, of) == (0, 6)
        raise StopError

    before = threading.active_count()
    with pytest.raises(StopError):
        synced(watch=stop)
    assert threading.active_count() == before
    assert counts(synced())[0] + counts(synced())[2] >= 6


def test_reports_are_in_the_order_of_the_files_whatever_the_readers_do(folder, synced, tools):
    class Uneven:
        def load(self, _data, name):
            time.sleep(0.01 * (hash(name) % 3))
            raise CorruptFile("damaged", "get another copy")

    for number in range(20):
        (folder / f"{number:02}.txt").write_text("x")
    report = synced(using=dataclasses.replace(tools, loader=Uneven(), readers=5))
    assert [uri for uri, _ in report.failed] == [f"file://{folder}/{number:02}.txt" for number in range(20)]


def test_a_folder_that_cannot_be_read_keeps_its_documents(files, synced, library, monkeypatch):
    (files / "deep").mkdir()
    (files / "deep" / "seven.txt").write_text("words about seven\n")
    synced()
    real = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: _denied() if str(path).endswith("deep") else real(path))
    report = synced(prune=True)
    assert counts(report) == (0, 0, 6, 0)
    assert report.failed == [(f"file://{files}/deep", "the folder cannot be read (denied)")]
    assert len(library.documents(ADMIN).records) == 7


def _denied():
    raise PermissionError(13, "denied")


def test_what_is_left_out_of_a_document_is_told_when_it_is_read(files, synced):
    (files / "scan.txt").write_text("words\n== more.txt\nof which some are LEFT OUT\n")
    note = {"uri": f"file://{files}/scan.txt!/more.txt", "note": "a page is left out"}
    assert synced().as_json()["notes"] == [note]
    assert synced().as_json()["notes"] == []


def test_what_was_left_out_is_looked_at_again_once_more_can_be_read(files, synced, monkeypatch):
    (files / "one.txt").write_text("LEFT OUT\n")
    synced()
    assert not synced().notes
    monkeypatch.setattr(formats, "languages", lambda: "eng+tlh")
    assert synced().notes
    assert not synced().notes


def test_one_bad_file_never_stops_the_others(files, synced):
    (files / "a-damaged.txt").write_text("DAMAGED")
    (files / "b-picture.bin").write_text("x")
    (files / "c-empty.txt").write_text("")
    report = synced()
    assert counts(report) == (6, 0, 0, 0)
    assert report.failed == [(f"file://{files}/a-damaged.txt", "damaged: get another copy")]
    assert report.skipped == [
        (f"file://{files}/b-picture.bin", "no reader for .bin files"),
        (f"file://{files}/c-empty.txt", "empty"),
    ]


def test_a_file_that_went_bad_keeps_its_last_good_version(files, synced, library):
    synced()
    (files / "one.txt").write_text("DAMAGED")
    report = synced()
    assert (counts(report), len(report.failed)) == ((0, 0, 5, 0), 1)
    assert "words about one" in [hit.text for hit in library.search(ADMIN, "one", 9)]


def test_a_file_that_was_emptied_is_deleted(files, synced, library):
    synced()
    (files / "one.txt").write_text("")
    report = synced()
    assert (counts(report), len(report.skipped)) == ((0, 0, 5, 1), 1)
    assert len(library.documents(ADMIN).records) == 5


def test_a_file_over_the_limit_is_not_read(files, synced, tools):
    report = synced(using=dataclasses.replace(tools, max_bytes=5))
    assert counts(report) == (0, 0, 0, 0)
    assert len(report.failed) == 6
    assert "MiB" in report.failed[0][1]


def test_members_are_documents_of_their_own(folder, synced, library):
    (folder / "mail.txt").write_text(
        "words of a mail\n== a.txt\nwords of a\n== b.txt\nwords of b\n== c.txt\nDAMAGED"
    )
    report = synced()
    assert counts(report) == (3, 0, 0, 0)
    assert report.failed == [(f"file://{folder}/mail.txt!/c.txt", "damaged: get another copy")]
    assert [record.uri.rpartition("/docs/")[2] for record in library.documents(ADMIN).records] == [
        "mail.txt",
        "mail.txt!/a.txt",
        "mail.txt!/b.txt",
    ]


def test_a_file_with_a_member_that_no_reader_takes_is_read_once_and_told_each_time(
    folder, synced, tools, monkeypatch
):
    box = folder / "box.txt"
    box.write_text("words of a box\n== a.txt\nwords of a\n== b.txt\n  \n")
    first = synced()
    assert counts(first) == (2, 0, 0, 0)
    assert first.skipped == [(f"file://{box}!/b.txt", "empty")]
    monkeypatch.setattr(tools.loader, "load", lambda *_: pytest.fail("it is read again"))
    os.utime(box)
    for _ in range(2):  # by its content, and by its stamp
        again = synced()
        assert counts(again) == (0, 0, 2, 0)
        assert (again.skipped, again.failed) == (first.skipped, [])


def test_a_member_that_was_taken_out_is_deleted_without_asking(folder, synced):
    mail = folder / "mail.txt"
    mail.write_text("words of a mail\n== a.txt\nwords of a\n== b.txt\nwords of b\n")
    assert counts(synced()) == (3, 0, 0, 0)
    mail.write_text("words of a mail\n== b.txt\nwords of b\n")
    assert counts(synced()) == (0, 0, 2, 1)
    assert counts(synced()) == (0, 0, 2, 0)


@pytest.mark.parametrize(
    ("meanwhile", "killed"),
    [
        ("two\n", True),
        ("one\n== m.txt\nother\n== n.txt\nDAMAGED\n", False),
        ("one\n== m.txt\nmember\n== k.txt\nnew\n== n.txt\nDAMAGED\n", False),
    ],
)
def test_a_file_that_is_brought_back_is_read_again_after_a_half_done_change(
    folder, synced, library, monkeypatch, meanwhile, killed
):
    file, first = folder / "a.txt", "one\n== m.txt\nmember\n"
    file.write_text(first)
    synced()
    file.write_text(meanwhile)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        if killed:
            patched.setattr(type(library.catalog), "trace", Mock(side_effect=KeyboardInterrupt))
        synced()
    file.write_text(first)
    synced()
    held = [library.document(ADMIN, each.document_id).text for each in library.documents(ADMIN).records]
    assert sorted(held) == ["member", "one"]


def test_new_groups_take_effect_though_no_file_changed(files, synced, library):
    synced()
    assert counts(synced(groups=["hr"])) == (0, 6, 0, 0)
    assert library.search(Principal("default", "eve"), "words", 9) == []
    assert len(library.search(Principal("default", "ada", frozenset({"hr"})), "words", 9)) == 6


def test_a_manifest_wins_over_the_command_line(files, synced, library):
    (files / "hr").mkdir()
    (files / "hr" / "pay.txt").write_text("words about pay\n")
    (files / "hr" / ".plumbline.yaml").write_text("groups: [hr]\nlabels: [confidential]\n")
    synced(groups=["staff"])
    staff, hr = (Principal("default", name, frozenset({name})) for name in ("staff", "hr"))
    assert len(library.search(staff, "words", 9)) == 6
    [found] = library.search(hr, "words", 9)
    assert found.labels == {"confidential"}


def test_files_under_a_broken_manifest_fail_and_become_no_more_visible(files, synced, library):
    manifest = files / ".plumbline.yaml"
    manifest.write_text("groups: [hr]\n")
    synced()
    manifest.write_text("groups: [hr\n")
    (files / "new.txt").write_text("words about pay\n")
    report = synced()
    assert counts(report) == (0, 0, 0, 0)
    assert len(report.failed) == 7
    assert ".plumbline.yaml" in report.failed[0][1]
    assert library.search(Principal("default", "eve"), "words", 9) == []
    assert len(library.documents(ADMIN).records) == 6


def test_tenants_share_nothing(files, synced, library):
    synced(tenant="acme")
    assert counts(synced(tenant="other")) == (6, 0, 0, 0)
    (files / "one.txt").unlink()
    assert counts(synced(tenant="other")) == (0, 0, 5, 1)
    assert len(library.search(Principal.administrator("acme"), "words", 99)) == 6


def test_a_base_names_the_documents(files, synced, library):
    synced(base="https://example.com/docs/")
    assert library.documents(ADMIN).records[0].uri == "https://example.com/docs/five.txt"
    assert counts(synced(base="https://example.com/docs")) == (0, 0, 6, 0)


def test_a_blocked_document_is_quarantined_and_its_old_version_stays(
    files, synced, tools, library, word_screen
):
    screened = dataclasses.replace(tools, screens=OneScreen(word_screen))
    synced(using=screened)
    (files / "one.txt").write_text("an attack\n")
    report = synced(using=screened)
    assert counts(report) == (0, 0, 5, 0)
    assert "quarantined by words" in report.failed[0][1]
    assert not any("attack" in hit.text for hit in library.search(ADMIN, "attack", 99))


def test_a_redacted_document_is_indexed_without_the_secret(files, synced, tools, library, word_screen):
    (files / "one.txt").write_text("the secret is out, by mail\n")
    synced(using=dataclasses.replace(tools, screens=OneScreen(word_screen)))
    record = next(one for one in library.documents(ADMIN).records if one.uri.endswith("one.txt"))
    assert library.document(ADMIN, record.document_id).text == "the [gone] is out, by mail"


def test_a_flagged_document_is_labelled(files, synced, tools, library, word_screen):
    (files / "one.txt").write_text("sent by mail\n")
    synced(using=dataclasses.replace(tools, screens=OneScreen(word_screen)))
    labels = {record.uri.rpartition("/")[2]: record.labels for record in library.documents(ADMIN).records}
    assert labels["one.txt"] == {"words"}
    assert labels["two.txt"] == frozenset()


def test_another_policy_screens_everything_again(files, synced, tools, library, word_screen):
    synced()
    (files / "one.txt").write_text("an attack\n")
    synced()
    report = synced(using=dataclasses.replace(tools, screens=OneScreen(word_screen, STRICT)))
    # The very text that is indexed is none for readers any more.
    assert counts(report) == (0, 0, 5, 1)
    assert len(report.failed) == 1
    assert not any("attack" in hit.text for hit in library.search(ADMIN, "attack", 99))


class Notes:
    """Keeps what is noted, or fails."""

    def __init__(self, error=None):
        self.error, self.noted = error, []

    def note(self, screened):
        if self.error:
            raise self.error
        self.noted.append(screened)


class ByTenant:
    """`acme` has a policy of its own."""

    def __init__(self, screen):
        self.screen = screen

    def of(self, tenant):
        return Screening(self.screen, STRICT if tenant == "acme" else NO_RULES)


def test_a_tenants_own_policy_screens_that_tenants_documents_again(files, synced, tools, word_screen):
    for tenant in ("default", "acme"):
        synced(tenant=tenant)
    (files / "one.txt").write_text("an attack\n")
    for tenant in ("default", "acme"):
        synced(tenant=tenant)
    using = dataclasses.replace(tools, screens=ByTenant(word_screen))
    assert counts(synced(using=using)) == (0, 0, 6, 0)
    assert len(synced(using=using, tenant="acme").failed) == 1


def test_what_the_rails_decided_is_noted_for_whom_and_about_which_document(files, synced, tools, word_screen):
    journal = Notes()
    (files / "one.txt").write_text("an attack\n")
    (files / "two.txt").write_text("sent by mail\n")
    using = dataclasses.replace(tools, screens=OneScreen(word_screen, STRICT), journal=journal)
    for _ in range(2):  # what is quarantined is tried again
        synced(using=using, tenant="acme")
    names = [document_id("acme", (files / name).as_uri()) for name in ("one.txt", "two.txt", "one.txt")]
    assert [each.document_id for each in journal.noted] == names
    whose = {(each.tenant, each.subject, each.policy.name) for each in journal.noted}
    assert whose == {("acme", "local-administrator", "strict")}


def test_a_document_is_indexed_only_when_its_decisions_are_noted(files, synced, tools, library, word_screen):
    (files / "one.txt").write_text("the secret is out\n")
    using = dataclasses.replace(
        tools, screens=OneScreen(word_screen), journal=Notes(NoRecord("full", "make room"))
    )
    assert [error for _, error in synced(using=using).failed] == ["full: make room"]
    assert not any("secret" in hit.text for hit in library.search(ADMIN, "secret", 99))
    assert counts(synced(using=dataclasses.replace(using, journal=Notes()))) == (1, 0, 5, 0)


KILLED = [
    ("hide", "ingest.catalog.Catalog.hide"),
    ("write", "ingest.memory.MemoryStore.write"),
    ("flush", "ingest.memory.MemoryStore.flush"),
    ("publish", "ingest.catalog.Catalog.publish"),
    ("sweep", "ingest.publish.Publisher.sweep"),
    ("drop", "ingest.memory.MemoryStore.drop"),
    ("forget", "ingest.catalog.Catalog.forget"),
    ("trace", "ingest.catalog.Catalog.trace"),
    ("remove", "ingest.catalog.Catalog.remove"),
]


@pytest.fixture(params=[target for _, target in KILLED], ids=[name for name, _ in KILLED])
def step(request):
    return request.param


@pytest.fixture(params=["before", "after"])
def killed(request, monkeypatch, step):
    """Kills the process before or after the step, for as long as the context lasts."""

    @contextmanager
    def kill():
        module, _, method = step.rpartition(".")
        with monkeypatch.context() as patched:
            patched.setattr(step, _dying(_resolve(module), method, request.param))
            with pytest.raises(StoreFault, match="killed"):
                yield

    return kill


def test_a_killed_sync_is_completed_by_the_next(files, synced, open_library, tools, killed):
    synced()
    before = everything(tools.library)
    for name in ("one", "two", "three"):
        (files / f"{name}.txt").write_text(f"words about {name}, revised\n")
    (files / "new.txt").write_text("words about new\n")
    (files / "six.txt").unlink()

    with killed():
        synced()
    survivor = open_library()
    seen_after_crash = everything(survivor)
    assert counts(synced(using=dataclasses.replace(tools, library=survivor)))[2] >= 2

    untouched = {row[0]: row for row in before[0]}
    for row in seen_after_crash[0]:
        old = untouched.get(row[0])
        assert row == old or "revised" in row[2] or "new" in row[2]
    assert survivor.catalog.visibility().hidden == frozenset()
    records, passages = everything(survivor)
    assert [row[2] for row in records] == [
        "words about five",
        "words about four",
        "words about new",
        "words about one, revised",
        "words about three, revised",
        "words about two, revised",
    ]
    assert sorted(row[2] for row in passages) == sorted(row[2] for row in records)


def _resolve(dotted):
    module, _, name = dotted.rpartition(".")
    return getattr(__import__(module, fromlist=[name]), name)


def _dying(owner, method, when):
    real = getattr(owner, method)

    def die(self, *arguments):
        if when == "after":
            real(self, *arguments)
        raise StoreFault("killed")

    return die


def test_readers_see_the_old_version_whole_until_the_new_one_is_whole(files, synced, tools, monkeypatch):
    big = files / "big.txt"
    big.write_text("\n\n".join(f"old words {number} " + "x " * 300 for number in range(5)))
    synced()
    seen = []

    def spy(name, real):
        def look(self, *arguments):
            hits = tools.library.search(ADMIN, "old new words", 100)
            seen.append((name, {hit.text[:3] for hit in hits if hit.uri.endswith("big.txt")}))
            return real(self, *arguments)

        return look

    big.write_text("\n\n".join(f"new words {number} " + "y " * 300 for number in range(5)))
    for target, method in (("hide", "publish"), ("drop", "sweep")):
        monkeypatch.setattr(f"ingest.publish.Publisher.{method}", spy(target, getattr(Publisher, method)))
    synced()
    hits = tools.library.search(ADMIN, "old new words", 100)
    seen.append(("end", {hit.text[:3] for hit in hits if hit.uri.endswith("big.txt")}))
    assert seen == [("hide", {"old"}), ("drop", {"new"}), ("end", {"new"})]


def test_a_name_that_is_not_utf_8_fails_alone(files, synced):
    (files / os.fsdecode(b"caf\xe9.txt")).write_text("words\n")
    report = synced()
    assert counts(report) == (6, 0, 0, 0)
    assert report.failed == [(f"file://{files}/caf\\udce9.txt", "the name is not valid UTF-8: rename it")]


def test_a_link_does_not_strip_the_rules_of_the_folder_it_leads_to(folder, tmp_path, synced, library):
    private = tmp_path / "hr"
    private.mkdir()
    (private / "pay.txt").write_text("words about pay\n")
    (private / ".plumbline.yaml").write_text("groups: [hr]\n")
    (folder / "pay.txt").symlink_to(private / "pay.txt")
    assert counts(synced()) == (1, 0, 0, 0)
    eve, ada = (Principal("default", "x", frozenset(groups)) for groups in ((), ("hr",)))
    assert library.search(eve, "pay", 9) == []
    assert len(library.search(ada, "pay", 9)) == 1


def test_a_link_that_nobody_may_follow_any_more_takes_its_document_away(folder, tmp_path, synced, library):
    private = tmp_path / "hr"
    private.mkdir()
    (private / "pay.txt").write_text("words about pay\n")
    (folder / "pay.txt").symlink_to(private / "pay.txt")
    (folder / ".plumbline.yaml").write_text("groups: [staff]\n")
    assert counts(synced()) == (1, 0, 0, 0)
    (private / ".plumbline.yaml").write_text("groups: [hr]\n")
    report = synced()
    assert counts(report) == (0, 0, 0, 1)
    assert "staff may read it here, hr where it lies" in report.failed[0][1]
    assert library.documents(ADMIN).records == ()
