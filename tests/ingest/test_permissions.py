"""No command and no other path into the index ever tells what its reader may not see; also as access changes.

Random documents of two tenants are written, given to other groups and deleted; after each half of that
random readers walk every path. `tests.worlds` says what they may see, by a rule of its own.
"""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from guardrails import shingles
from ingest.access import Principal
from ingest.catalog import Catalog
from ingest.commands import COMMANDS, run
from ingest.documents import document_id
from ingest.edge import EdgeStore
from ingest.errors import NotIndexed
from ingest.folder import MANIFEST
from ingest.hashing import HashEmbedder
from ingest.library import Library
from ingest.memory import MemoryStore
from ingest.order import Tools
from ingest.screen import NO_SCREENS, OneScreen
from ingest.settings import sqlite_url
from ingest.store import Mode
from tests import worlds
from tests.ingest.conftest import PlainLoader
from tests.worlds import BASE, COMMON, GROUPS, TENANTS, Reader, World

EVERYTHING = 100
MISSING = f"{BASE}/nothing.md"


@pytest.fixture(scope="module", params=["memory", "edge"])
def index(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("index")
    store = MemoryStore()
    opens = EdgeStore if request.param == "edge" else lambda *_: store
    catalog = Catalog(sqlite_url(folder / "catalog.db"))
    with Library(folder, catalog, HashEmbedder(dimension=16), opens) as library:
        yield Tools(library, PlainLoader(), NO_SCREENS, batch=4), folder


def principal(reader: Reader) -> Principal:
    if reader.groups is None:
        return Principal.administrator(reader.tenant)
    return Principal(reader.tenant, "reader", reader.groups)


def arguments(reader: Reader, **more):
    named = {} if reader.groups is None else {"groups": sorted(reader.groups)}
    return {"tenant": reader.tenant, **named, **more}


# What each command tells a reader, as one text, and the marks that it must tell.


def _search(tools: Tools, reader: Reader, world: World) -> str:
    """In each mode, also where a filter asks for nothing but what is hidden."""
    queries = [{"id": number, "query": text} for number, text in enumerate([COMMON, *sorted(world.marks)])]
    told = []
    for held in world.held.values():
        narrow = arguments(reader, queries=queries[:1], where={"path": held.uri})
        told.append(run(tools, "search", narrow)["results"][0]["hits"])
        assert {hit["uri"] for hit in told[-1]} <= {each.uri for each in world.readable(reader)}
    for mode in Mode:
        asked = arguments(reader, queries=queries, k=EVERYTHING, mode=mode.value)
        found = run(tools, "search", asked)["results"]
        seen = {hit["uri"] for hit in found[0]["hits"]}
        assert len(seen) == len(world.twins(reader)), mode
        assert all(len(seen & twins) == 1 for twins in world.twins(reader)), mode
        told += [result["hits"] for result in found]
    return json.dumps(told)


def _list(tools: Tools, reader: Reader, world: World) -> str:
    listed = run(tools, "list", arguments(reader))["documents"]
    assert [row["uri"] for row in listed] == sorted(each.uri for each in world.readable(reader))
    return json.dumps(listed)


def _delete(tools: Tools, reader: Reader, world: World) -> str:
    """Of what may not be read nothing is deleted, and the refusal is that of what is not there."""
    readable = world.readable(reader)
    for held in world.held.values():
        if held not in readable:
            refusals = [refused(tools, reader, name) for name in (held.uri, MISSING)]
            assert refusals[0] == refusals[1]
    return ""


def refused(tools: Tools, reader: Reader, name: str) -> str:
    with pytest.raises(NotIndexed) as caught:
        run(tools, "delete", arguments(reader, uri=name))
    return str(caught.value).replace(name, "URI")


def _duplicates(tools: Tools, reader: Reader, world: World) -> str:
    told = run(tools, "duplicates", arguments(reader))["duplicates"]
    listed = [frozenset(group["uris"]) for group in told]
    assert all(any(twins <= group for group in listed) for twins in world.twins(reader) if len(twins) > 1)
    return json.dumps(told)


def _quarantine(tools: Tools, reader: Reader, _world: World) -> str:
    """Is for a tenant's administrator: `test_what_is_in_quarantine_is_told_to_administrators_alone`."""
    assert tools.library.catalog.quarantine.cases(principal(reader)) == ()
    return json.dumps(run(tools, "quarantine", {"tenant": reader.tenant}))


def _nothing(_tools: Tools, _reader: Reader, _world: World) -> str:
    """Is for the machine's own administrator, and tells figures of the whole index and no name."""
    return ""


def _chunks(tools: Tools, reader: Reader, world: World) -> str:
    told = run(tools, "chunks", arguments(reader))["chunks"]
    assert {chunk["uri"] for chunk in told} <= {each.uri for each in world.readable(reader)}
    return json.dumps(told)


TOLD = {
    "chunks": _chunks,
    "search": _search,
    "list": _list,
    "delete": _delete,
    "status": _nothing,
    "duplicates": _duplicates,
    "quarantine": _quarantine,
    "release": _nothing,
    "sync": _nothing,
    "reindex": _nothing,
}


def test_every_command_is_in_the_table_of_paths():
    assert set(TOLD) == set(COMMANDS), "say in TOLD what the new command tells a reader"


def _catalog(tools: Tools, reader: Reader, world: World) -> None:
    """What the service reads by: each document by its id, in pages, by file and folder, and counted."""
    catalog, who, readable = tools.library.catalog, principal(reader), world.readable(reader)
    for held in world.held.values():
        name = document_id(held.tenant, held.uri)
        if held in readable:
            assert held.mark in catalog.document(who, name).text
        else:
            with pytest.raises(NotIndexed) as caught:
                catalog.document(who, name)
            assert not world.leaks(reader, str(caught.value).replace(name, ""))
        assert len(catalog.held_in(who, held.uri)) == (held in readable)
    assert {record.uri for record in catalog.below(who, BASE)} == {each.uri for each in readable}
    assert catalog.totals(who) == (len(readable), len(world.twins(reader)))
    assert catalog.readable(who, [document_id(each.tenant, each.uri) for each in world.held.values()]) == {
        document_id(each.tenant, each.uri) for each in readable
    }
    pages, cursor = [], None
    while cursor is not None or not pages:
        pages.append(catalog.documents(who, 1, cursor))
        cursor = pages[-1].next
    assert len(pages) == max(1, len(readable))


def _withheld(tools: Tools, reader: Reader, world: World) -> None:
    """What answers must not tell: the words of hidden documents of the tenant, and those of no others."""
    withheld = tools.library.withholder().of(principal(reader))
    readable = world.readable(reader)
    hidden = {one.mark for one in world.held.values() if one.tenant == reader.tenant and one not in readable}
    for held in world.held.values():
        closed = held.mark in hidden - {one.mark for one in readable}
        its_own = shingles.kept(held.text) - shingles.kept(f"{COMMON}, entry")
        assert len(withheld.among(its_own)) == (len(its_own) if closed else 0)


@given(history=worlds.histories, readers=worlds.readers)
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_no_path_tells_what_its_reader_may_not_see(index, history, readers):
    world, (tools, folder) = World(), index
    middle = len(history) // 2
    for part in (history[:middle], history[middle:]):
        world.live(part, tools, folder)
        for tenant, groups in [*readers, *((name, None) for name in TENANTS)]:
            reader = Reader(world.tenant(tenant), groups)
            for command, path in TOLD.items():
                assert not world.leaks(reader, path(tools, reader, world)), command
            _catalog(tools, reader, world)
            _withheld(tools, reader, world)


def test_what_is_in_quarantine_is_told_to_administrators_alone(tools, folder, synced, word_screen):
    (folder / "attack.txt").write_text("an attack on the harbour")
    synced(using=replace(tools, screens=OneScreen(word_screen)), tenant="north", groups=["red"])
    [case] = run(tools, "quarantine", {"tenant": "north"})["quarantined"]
    assert run(tools, "quarantine", {"tenant": "south"}) == {"quarantined": []}
    refusals = []
    for name in (case["uri"], MISSING):
        with pytest.raises(NotIndexed) as caught:
            run(tools, "release", {"tenant": "south", "uri": name})
        refusals.append(str(caught.value).replace(name, "URI"))
    assert refusals[0] == refusals[1]
    for groups in ({"red"}, set()):
        member = Principal("north", "ben", frozenset(groups), frozenset({"admin"}))
        assert tools.library.catalog.quarantine.cases(member) == ()
        with pytest.raises(NotIndexed):
            tools.library.catalog.quarantine.case(member, case["uri"])


@pytest.fixture
def shared(tools, folder, synced, word_screen):
    """Writes a file for some groups and syncs; gives the library."""

    def write(text, groups):
        (folder / "plan.txt").write_text(text)
        (folder / MANIFEST).write_text(json.dumps({"groups": groups}))
        synced(using=replace(tools, screens=OneScreen(word_screen)))
        return tools.library

    return write


@pytest.mark.parametrize("text", ["DAMAGED", "an attack on the harbour", "fine\n== inside.txt\nDAMAGED"])
@pytest.mark.parametrize(
    ("before", "after", "stays"),
    [
        ([], ["red"], False),
        (["red", "blue"], ["red"], False),
        (["red"], ["blue"], False),
        (["red"], ["red"], True),
        (["red"], ["red", "blue"], True),
        (["red"], [], True),
    ],
)
def test_what_cannot_be_read_anew_is_not_left_to_those_whom_its_folder_now_shuts_out(
    shared, text, before, after, stays
):
    shared("plans\n== inside.txt\nmore plans", before)
    library = shared(text, after)
    damaged = "/plan.txt!/inside.txt" if "inside" in text else "/plan.txt"
    everything = library.documents(Principal.administrator()).records
    assert any(record.uri.endswith(damaged) for record in everything) == stays
    if after:
        strangers = frozenset(GROUPS) - frozenset(after)
        assert not library.documents(Principal("default", "ben", strangers)).records
