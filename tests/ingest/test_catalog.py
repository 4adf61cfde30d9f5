import threading
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.access import Access, Principal
from ingest.catalog import Catalog
from ingest.documents import document_id
from ingest.errors import BadCursor, CatalogFault, NotIndexed
from ingest.record import FileTrace, Record
from tests.postgres import BOTH

pytestmark = BOTH
ADMIN = Principal.administrator("acme")


def record(uri, *, tenant="acme", groups=(), version="v1", text="words", file=None, **more):
    return Record(
        document_id(tenant, uri), uri, file or uri, version, "Title", "hash", Access.of(tenant, groups), 1,
        "2026-01-01T00:00:00+00:00", text=text, **more,
    )  # fmt: skip


def uris(page):
    return [one.uri for one in page.records]


def test_a_document_comes_back_as_it_was_published(catalog):
    written = record(
        "u", groups=["hr"], labels=frozenset({"x"}), language="en", expires="2030-01-01", license="MIT"
    )
    catalog.publish([written])
    assert catalog.document(ADMIN, written.document_id) == written


def test_listings_leave_out_the_text(catalog):
    catalog.publish([record("u")])
    assert catalog.documents(ADMIN).records[0].text == ""


def test_what_one_may_not_see_is_answered_like_what_is_not_there(catalog):
    hidden = record("u", groups=["hr"])
    catalog.publish([hidden])
    messages = set()
    for principal, wanted in (
        (Principal("acme", "eve"), hidden.document_id),
        (Principal.administrator("other"), hidden.document_id),
        (ADMIN, document_id("acme", "nothing")),
    ):
        with pytest.raises(NotIndexed) as caught:
            catalog.document(principal, wanted)
        messages.add(str(caught.value).replace(wanted, "ID"))
    assert len(messages) == 1


def test_pages_hold_every_document_once(catalog):
    catalog.publish([record(f"u{number}") for number in range(7)])
    met, cursor = [], None
    while True:
        page = catalog.documents(ADMIN, 3, cursor)
        met += uris(page)
        cursor = page.next
        if cursor is None:
            break
    assert met == [f"u{number}" for number in range(7)]


@pytest.mark.parametrize("cursor", ["", "?", "not base64!", "/w==", "ü"])
def test_a_made_up_cursor_is_refused(catalog, cursor):
    if cursor == "":
        assert uris(catalog.documents(ADMIN, 3, cursor)) == []
    else:
        with pytest.raises(BadCursor):
            catalog.documents(ADMIN, 3, cursor)


def test_a_prefix_is_a_folder_and_minds_case(catalog):
    catalog.publish(
        [record(uri) for uri in ("f://a/x", "f://a/b/y", "f://ab/z", "f://A/w", "f://a", "f://a%/v")]
    )
    assert [one.uri for one in catalog.below(ADMIN, "f://a")] == ["f://a", "f://a/b/y", "f://a/x"]
    assert catalog.count_below(ADMIN, "f://a") == 3


def test_what_is_below_a_folder_is_read_some_at_a_time_while_it_is_removed(catalog, monkeypatch):
    monkeypatch.setattr("ingest.catalog.PAGE", 2)
    wanted = [f"f://a/{number}" for number in range(5)]
    catalog.publish([record(uri) for uri in wanted])
    seen = []
    for one in catalog.below(ADMIN, "f://a"):
        catalog.remove("acme", [one])
        seen.append(one.uri)
    assert (seen, catalog.count_below(ADMIN, "f://a")) == (wanted, 0)


def test_traces_below_a_folder_are_those_of_its_files_and_mind_case(catalog):
    uris = [
        "f://a/x",
        "f://a/b/ä",
        "f://ab/z",
        "f://A/w",
        "f://a",
        "f://a%/v",
        "f://a_/v",
        "f://a0",
        "f://a.",
    ]
    catalog.trace("acme", [FileTrace(uri, "stamp", "content", "recipe") for uri in uris])
    catalog.trace("other", [FileTrace("f://a/other", "stamp", "content", "recipe")])
    assert set(catalog.traces("acme", "f://a")) == {"f://a", "f://a/b/ä", "f://a/x"}
    assert set(catalog.traces("acme", "f://a/")) == {"f://a/b/ä", "f://a/x"}


def test_documents_are_listed_by_the_bytes_of_their_uris(catalog):
    uris = ["b", "a/b", "ab", "B", "a b", "ä", "a-b", "z", "Z", "_"]
    catalog.publish([record(uri) for uri in uris])
    assert [one.uri for one in catalog.documents(ADMIN).records] == sorted(uris, key=str.encode)


@pytest.mark.parametrize("name", ["a\0b", "x" * 10_000])
def test_names_that_no_database_can_hold_are_not_found(catalog, name):
    with pytest.raises(NotIndexed):
        catalog.document(ADMIN, name)
    assert (*catalog.below(ADMIN, name), *catalog.held_in(ADMIN, name)) == ()
    assert uris(catalog.documents(Principal(name, "anna", frozenset({name})))) == []


def test_two_writers_of_the_same_files_wait_for_each_other(catalog, catalog_url):
    others = [Catalog(catalog_url) for _ in range(3)]
    traces = [FileTrace(f"u{number}", "stamp", "content", "recipe") for number in range(20)]
    together = threading.Barrier(3)
    failures = []

    def write(other: Catalog) -> None:
        together.wait()
        try:
            for _ in range(3):
                other.hide(["v1", "v2"])
                other.trace("acme", traces)
                other.publish([record("u")])
        except CatalogFault as fault:
            failures.append(str(fault))

    threads = [threading.Thread(target=write, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(catalog.traces("acme", "u0")) == 1
    assert catalog.visibility().generation == 18
    for other in others:
        other.close()


def test_publishing_again_replaces_and_hides_the_old_version(catalog):
    catalog.publish([record("u", version="v1", groups=["hr"])])
    before = catalog.visibility()
    catalog.hide(["v2"])
    catalog.publish([record("u", version="v2")])
    after = catalog.visibility()
    assert after.hidden == {"v1"}
    assert after.generation > before.generation
    assert uris(catalog.documents(Principal("acme", "eve"))) == ["u"]


def test_a_version_published_again_is_not_hidden(catalog):
    catalog.publish([record("u")])
    catalog.publish([record("u")])
    assert catalog.visibility().hidden == frozenset()


def test_removing_hides_the_version_and_forgets_the_file(catalog):
    written = record("u")
    catalog.publish([written])
    catalog.trace("acme", [FileTrace("u", "stamp", "content", "recipe")])
    catalog.remove("acme", [written])
    assert catalog.visibility().hidden == {"v1"}
    assert catalog.traces("acme", "u") == {}
    catalog.forget(["v1"])
    assert catalog.visibility().hidden == frozenset()


def test_facts_are_kept_and_replaced(catalog):
    assert catalog.fact("embedder") is None
    catalog.state(embedder="a", dimension="3")
    catalog.state(embedder="b")
    assert (catalog.fact("embedder"), catalog.fact("dimension")) == ("b", "3")


@pytest.mark.parametrize(
    "change",
    [
        lambda catalog: catalog.publish([record("new")]),
        lambda catalog: catalog.publish([record("u", version="v2")]),
        lambda catalog: catalog.publish([record("u", groups=["hr"])]),
        lambda catalog: catalog.remove("acme", [record("u")]),
    ],
    ids=["a new document", "a new version", "other readers", "a removal"],
)
def test_what_changes_a_tenants_documents_changes_its_generation_and_no_others(catalog, change):
    catalog.publish([record("u"), record("u", tenant="other", version="w1")])
    own, foreign = catalog.generation(ADMIN), catalog.generation(Principal("other", "eve"))
    change(catalog)
    assert catalog.generation(ADMIN) != own
    assert catalog.generation(Principal("acme", "ben")) == catalog.generation(ADMIN)
    assert catalog.generation(Principal("other", "eve")) == foreign


def test_a_generation_never_comes_back(catalog):
    seen = {catalog.generation(ADMIN)}
    for _ in range(3):
        catalog.publish([record("u")])
        seen.add(catalog.generation(ADMIN))
        catalog.remove("acme", [record("u")])
        seen.add(catalog.generation(ADMIN))
    assert len(seen) == 7


def test_what_is_not_shown_yet_is_no_new_generation(catalog):
    before = catalog.generation(ADMIN)
    catalog.hide(["v1"])
    catalog.forget(["v1"])
    assert catalog.generation(ADMIN) == before


def test_a_generation_fits_its_column_however_long_the_tenants_name(catalog):
    catalog.publish([record("u", tenant="t" * 200)])
    assert catalog.generation(Principal("t" * 200, "x")) == "1"


def test_totals_count_what_one_may_read(catalog):
    catalog.publish([record("a"), record("b", groups=["hr"]), record("c", tenant="other")])
    assert catalog.totals(ADMIN) == (2, 2)
    assert catalog.totals(Principal("acme", "eve")) == (1, 1)
    assert catalog.tenants() == ["acme", "other"]


def test_errors_never_quote_what_was_written(catalog):
    secret = record("u", text="the secret text")
    with pytest.raises(CatalogFault) as caught:
        catalog.publish([secret, secret])
    assert "secret" not in str(caught.value)


GROUPS = st.frozensets(st.sampled_from(["hr", "legal", "it"]), max_size=3)
TENANTS = st.sampled_from(["acme", "other"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    accesses=st.lists(st.tuples(TENANTS, GROUPS), max_size=6),
    principal=st.builds(Principal, TENANTS, st.just("someone"), GROUPS, every_group=st.booleans()),
)
def test_no_principal_ever_lists_or_gets_what_it_may_not_read(catalog, accesses, principal):
    written = [
        record(f"u{number}", tenant=tenant, groups=groups, version=str(uuid.uuid4()))
        for number, (tenant, groups) in enumerate(accesses)
    ]
    catalog.publish(written) if written else None
    readable = sorted(one.uri for one in written if principal.may_read(one.access))
    assert uris(catalog.documents(principal)) == readable
    assert [one.uri for one in catalog.below(principal, "u")] == [uri for uri in readable if uri == "u"]
    assert catalog.totals(principal)[0] == len(readable)
    for one in written:
        held = [found.uri for found in catalog.held_in(principal, one.uri)]
        assert held == ([one.uri] if principal.may_read(one.access) else [])
        if not principal.may_read(one.access):
            with pytest.raises(NotIndexed):
                catalog.document(principal, one.document_id)
    for tenant in ("acme", "other"):
        catalog.remove(tenant, [one for one in written if one.access.tenant == tenant])
