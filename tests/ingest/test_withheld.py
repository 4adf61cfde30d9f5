"""What is closed to whom: the access rule over made-up documents, and fingerprints that follow the index."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from guardrails.shingles import kept
from ingest.access import Access, Principal
from ingest.fingerprint import KEY_FILE, Seal
from ingest.holdings import Holdings
from ingest.withheld import Withholder
from tests.postgres import BOTH

pytestmark = BOTH
SALARY = "The monthly salary of an H2 hardware engineer is EUR 4,480.\n"
LEAVE = "Every full-time employee gets 28 days of annual leave a year.\n"
ANNA = Principal("default", "anna", frozenset({"engineering"}))
HANNA = Principal("default", "hanna", frozenset({"hr"}))
ADMIN = Principal.administrator()

WORDS = st.sampled_from([*"abcd", "A.", "salary", "4,480", "contract", "tank", "H2", "\n"])
DOCUMENTS = st.lists(
    st.tuples(
        st.lists(WORDS, max_size=10).map(" ".join),
        st.sets(st.sampled_from(["hr", "legal", "it"]), max_size=2),
    ),
    max_size=5,
)


class Fixed:
    """A catalog that holds these documents of one tenant."""

    def __init__(self, documents):
        self.documents = documents

    def generation(self, principal):
        del principal
        return "1"

    @property
    def fingerprints(self):
        return self

    def closed(self, tenant, recipe, *, every_tenant):
        del recipe
        for access, text in self.documents:
            if access.groups if access.tenant == tenant else every_tenant:
                yield access, Seal(b"key").fingerprint(text).hashes

    def readable(self, tenant, recipe):
        del recipe
        for access, text in self.documents:
            if access.tenant == tenant and not access.groups:
                yield access, Seal(b"key").fingerprint(text).hashes


@settings(deadline=None)
@given(DOCUMENTS, st.sets(st.sampled_from(["hr", "legal", "it"])))
@example([("A.", {"hr"}), ("A a a a.", set())], set())
def test_withheld_is_what_stands_in_closed_documents_and_in_no_open_one(documents, groups):
    reader = Principal("acme", "eve", frozenset(groups))
    held = [(Access.of("acme", names), text) for text, names in documents]
    closed = [kept(text) for access, text in held if not reader.may_read(access)]
    readable = [kept(text) for access, text in held if reader.may_read(access)]
    every = set().union(*closed, *readable, {1, 2, 3})
    withheld = Withholder(Fixed(held), Seal(b"key")).of(reader)
    assert set(withheld.among(every)) == set().union(*closed) - set().union(*readable)


def test_holdings_without_documents_hold_nothing():
    assert Holdings.of([], []).among(Seal(b"key").hashes([1, 2]), Holdings.of([], []).closed_to(ANNA)) == []


class Slow(Fixed):
    """A catalog that takes until `go` to read for the tenant "slow"."""

    def __init__(self, documents):
        super().__init__(documents)
        self.reads, self.reading, self.go = 0, threading.Event(), threading.Event()

    def closed(self, tenant, recipe, *, every_tenant):
        if tenant == "slow":
            self.reads += 1
            self.reading.set()
            assert self.go.wait(20)
        return super().closed(tenant, recipe, every_tenant=every_tenant)


def test_a_tenant_does_not_wait_until_anothers_documents_are_read_and_each_is_read_once():
    slow, quick = Principal("slow", "sven", frozenset()), Principal("quick", "quinn", frozenset())
    catalog = Slow([(Access.of(tenant, {"hr"}), SALARY) for tenant in ("slow", "quick")])
    withholder = Withholder(catalog, Seal(b"key"))
    with ThreadPoolExecutor() as pool:
        try:
            waiting = [pool.submit(withholder.of(slow).among, kept(SALARY)) for _ in range(3)]
            assert catalog.reading.wait(20)
            told = pool.submit(withholder.of(quick).among, kept(SALARY)).result(20)
            assert set(told) == kept(SALARY)
            assert not any(each.done() for each in waiting)
        finally:
            catalog.go.set()
    assert all(set(each.result()) == kept(SALARY) for each in waiting)
    assert catalog.reads == 1


def leaked(library, principal, text=SALARY):
    return set(library.withholder().of(principal).among(kept(text)))


def write(folder, name, text, groups=None):
    place = folder / (groups or "open")
    place.mkdir(exist_ok=True)
    (place / name).write_text(text)
    if groups:
        (place / ".plumbline.yaml").write_text(f"groups: [{groups}]\n")
    return place / name


@pytest.fixture
def company(folder, synced):
    write(folder, "salary.txt", SALARY, "hr")
    write(folder, "leave.txt", LEAVE)
    assert synced().added == 2
    return folder


def test_a_restricted_document_is_closed_to_other_groups_alone(company, library):
    assert leaked(library, ANNA) == kept(SALARY)
    assert leaked(library, HANNA) == set()
    assert leaked(library, ADMIN) == set()
    assert leaked(library, ANNA, LEAVE) == set()


def test_other_tenants_learn_nothing_of_it(company, library):
    assert leaked(library, Principal("other", "eve")) == set()


def test_it_is_withheld_from_other_tenants_where_that_is_wanted(company, library, synced):
    withholder = library.withholder(every_tenant=True)
    for stranger in (Principal("other", "eve"), Principal.administrator("other")):
        assert set(withholder.of(stranger).among(kept(SALARY) | kept(LEAVE))) == kept(SALARY) | kept(LEAVE)
    assert set(withholder.of(ANNA).among(kept(SALARY) | kept(LEAVE))) == kept(SALARY)
    assert set(withholder.of(ADMIN).among(kept(SALARY) | kept(LEAVE))) == set()
    synced(tenant="other")  # the open document is theirs as well now
    assert set(withholder.of(Principal("other", "eve")).among(kept(LEAVE))) == set()


def test_what_is_opened_is_withheld_no_longer_and_what_is_closed_is(company, library, synced):
    (company / "hr" / ".plumbline.yaml").write_text("groups: [hr, engineering]\n")
    synced()
    assert leaked(library, ANNA) == set()
    (company / "hr" / ".plumbline.yaml").write_text("groups: [hr]\n")
    synced()
    assert leaked(library, ANNA) == kept(SALARY)


def test_what_an_open_document_says_too_is_not_withheld_while_it_is_there(company, library, synced):
    said = write(company, "news.txt", SALARY)
    synced()
    assert leaked(library, ANNA) == set()
    said.unlink()
    synced(prune=True)
    assert leaked(library, ANNA) == kept(SALARY)


def test_a_deleted_document_takes_its_fingerprint_along(company, library, synced):
    (company / "hr" / "salary.txt").unlink()
    synced(prune=True)
    assert leaked(library, ANNA) == set()
    recipe = Seal.kept(library.folder).recipe
    assert list(library.catalog.fingerprints.closed("default", recipe)) == []


def test_the_key_tells_apart_what_differs_and_nothing_else(company, library, synced):
    withholder = library.withholder()
    twin = Principal("default", "otto", frozenset({"engineering"}))
    before = withholder.of(ANNA).key
    assert withholder.of(twin).key == before
    assert withholder.of(HANNA).key != before
    write(company, "more.txt", "Something else is written here.\n")
    synced()
    assert withholder.of(ANNA).key != before


def test_documents_without_a_fingerprint_get_one_at_the_next_sync(company, tools, synced, open_library):
    (tools.library.folder / KEY_FILE).unlink()  # as if restored without it
    library = open_library()
    assert library.status()["without_fingerprint"] == 2
    assert leaked(library, ANNA) == set()
    assert synced(using=dataclasses.replace(tools, library=library)).unchanged == 2
    assert library.status()["without_fingerprint"] == 0
    assert leaked(library, ANNA) == kept(SALARY)
