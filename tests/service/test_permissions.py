"""No route ever tells what its caller may not see: answers, streams, citations, errors, counts and records.

Random documents of two tenants are written, given to other groups and deleted; after each half of that random
callers walk every route, asking a model that repeats all that it is shown. So what was said, cached and kept
under the access of before is met again under that of now. `tests.worlds` says what a caller may see.
"""

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from ingest.access import Principal
from ingest.commands import COMMANDS
from ingest.documents import document_id
from service.answer import Usage
from service.app import ROUTES, create_app
from service.export import export
from service.generate import Piece
from service.keys import Keyring
from service.samples import Samples
from tests import worlds
from tests.service.scripted_house import house_parts
from tests.worlds import COMMON, TENANTS, Reader, World

TOKEN = {"Authorization": "Bearer the-token"}
NOBODYS = "00000000-0000-5000-8000-000000000000"
PASSAGE = re.compile(r"^\[(\d+)\] [^\n]*\n(.+)$", re.MULTILINE)


class Parrot:
    """A model that says all that it is shown, and cites it."""

    keeps_forms = True

    async def stream(self, _model, messages, _sampling):
        shown = PASSAGE.findall(messages[-1]["content"].rpartition("\n\nQuestion: ")[0])
        said = " ".join(f"{text.rstrip('.')} [{number}]." for number, text in shown) or "I don't know"
        yield Piece(said)
        yield Piece("", "stop", Usage(1, 1))

    def ready(self):
        return True


@dataclass
class Caller:
    """A reader with a key, who walks the routes and remembers the answers that it was given."""

    client: TestClient
    reader: Reader
    name: str
    headers: dict[str, str]
    world: World
    answers: list[str] = field(default_factory=list)

    def call(self, method, path, **sent):
        return self.client.request(method, path, headers=self.headers, **sent)

    def ask(self, **more):
        asked = {"messages": [{"role": "user", "content": f"What of {COMMON}?"}], **more}
        return self.call("POST", "/v1/chat/completions", json=asked)

    @property
    def principal(self):
        return Principal(self.reader.tenant, "reader", self.reader.groups or frozenset())


def _chat(caller):
    replies = [caller.ask(), caller.ask(conversation_id="talk"), caller.ask(stream=True)]
    run = {**caller.headers, "X-Plumbline-Evaluation": "run-1"}
    asked = {"messages": [{"role": "user", "content": f"And {COMMON}?"}]}
    replies.append(caller.client.post("/v1/chat/completions", headers=run, json=asked))
    caller.answers += [reply.json()["answer_id"] for reply in replies[:2]]
    readable = caller.world.readable(caller.reader)
    assert bool(replies[0].json()["citations"]) == bool(readable)
    return replies


def _responses(caller):
    return [caller.call("POST", "/v1/responses", json={"input": f"What of {COMMON}?"})]


def _conversations(caller):
    return [caller.call("GET", "/v1/conversations")]


def _conversation(caller):
    """What a document said before, to those who may still read it, is told; it was said to them then."""
    reply = caller.call("GET", "/v1/conversations/talk")
    older = {mark for held in caller.world.readable(caller.reader) for mark in held.before}
    assert not set(caller.world.leaks(caller.reader, reply.text)) - older
    return []


def _forget(caller):
    return [caller.call("DELETE", "/v1/conversations/none")]


def _models(caller):
    return [caller.call("GET", "/v1/models")]


def _model(caller):
    return [caller.call("GET", "/v1/models/default")]


def _feedback(caller):
    rated = [{"answer_id": name, "rating": "up"} for name in caller.answers[-2:]]
    return [caller.call("POST", "/v1/feedback", json=body) for body in rated]


def _search(caller):
    replies = []
    expected = {held.uri for held in caller.world.readable(caller.reader)}
    for held in caller.world.held.values():  # a filter for what may be hidden
        body = {"query": COMMON, "k": 50, "filter": {"path": held.uri}}
        replies.append(caller.call("POST", "/v1/search", json=body))
        assert {hit["uri"] for hit in replies[-1].json()["hits"]} <= expected & {held.uri}
    for mode in ("hybrid", "dense", "sparse"):
        queries = (" ".join(sorted(caller.world.marks)) or "none", COMMON)
        asked = [{"query": query, "k": 50, "mode": mode} for query in queries]
        replies += [caller.call("POST", "/v1/search", json=body) for body in asked]
        seen = {hit["uri"] for hit in replies[-1].json()["hits"]}
        assert seen <= expected
        assert all(len(seen & twins) == 1 for twins in caller.world.twins(caller.reader))
    return replies


def _list(caller):
    replies, cursor = [], ""
    while cursor is not None:
        replies.append(caller.call("GET", f"/v1/documents?limit=1{cursor and '&cursor=' + cursor}"))
        cursor = replies[-1].json()["next"]
    readable = caller.world.readable(caller.reader)
    assert [row["uri"] for reply in replies for row in reply.json()["documents"]] == sorted(
        held.uri for held in readable
    )
    assert len(replies) == max(1, len(readable))
    return replies


def _read(caller):
    readable, replies = caller.world.readable(caller.reader), []
    for held in caller.world.held.values():
        name = document_id(held.tenant, held.uri)
        replies.append(caller.call("GET", f"/v1/documents/{name}"))
        if held in readable:
            assert held.mark in replies[-1].text
        else:
            same_as_missing(caller, "GET", "/v1/documents", name)
    return replies


def _delete(caller):
    readable = caller.world.readable(caller.reader)
    for held in caller.world.held.values():
        if held not in readable:
            same_as_missing(caller, "DELETE", "/v1/documents", document_id(held.tenant, held.uri))
    return []


def same_as_missing(caller, method, path, name):
    """`name` may end in what is done with it."""
    own, slash, action = name.partition("/")
    hidden, missing = (caller.call(method, f"{path}/{each}{slash}{action}") for each in (own, NOBODYS))
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace(own, "ID") == missing.text.replace(NOBODYS, "ID")


def _upload(caller):
    """Told is the job's id alone; what comes of it is in `test_jobs_are_their_owners`."""
    return []


def _job(caller):
    return [caller.call("GET", "/v1/jobs/job-none")]


def _jobs(caller):
    return [caller.call("GET", "/v1/jobs")]


def _cancel(caller):
    return [caller.call("POST", "/v1/jobs/job-none/cancel")]


def _audit(caller):
    """Tells an administrator which documents of the tenant were judged: ids, and no word of them."""
    return [caller.call("GET", "/v1/audit?limit=1000")]


def _reports(caller):
    return [caller.call("GET", "/v1/reports")]


def _report(caller):
    return [caller.call("GET", "/v1/reports/2026-01-01")]


def _fingerprint(caller):
    return [caller.call("GET", "/v1/fingerprint")]


def _open(path):
    return lambda caller: [caller.client.get(path)]


def _command(caller):
    """What each command tells is in `tests/ingest/test_permissions.py`; here, that a reader is one."""
    named = {"tenant": caller.reader.tenant, "groups": sorted(caller.reader.groups or ())}
    queries = {"queries": [{"id": 1, "query": COMMON}], "k": 50}
    sent = [("list", named), ("search", named | queries), ("delete", named | {"uri": "share:/none"})]
    assert {name for name, _ in sent} <= set(COMMANDS)
    return [
        caller.client.post("/internal/ingest", headers=TOKEN, json={"command": name, "arguments": given})
        for name, given in sent
    ]


def _question(caller):
    named = {"tenant": caller.reader.tenant, "groups": sorted(caller.reader.groups or ())}
    asked = {"question": f"What of {COMMON}?", **named}
    return [caller.client.post("/internal/ask", headers=TOKEN, json=asked)]


WALK = {
    ("POST", "/v1/chat/completions"): _chat,
    ("POST", "/v1/responses"): _responses,
    ("GET", "/v1/conversations"): _conversations,
    ("GET", "/v1/conversations/{conversation_id}"): _conversation,
    ("DELETE", "/v1/conversations/{conversation_id}"): _forget,
    ("GET", "/v1/models"): _models,
    ("GET", "/v1/models/{name}"): _model,
    ("POST", "/v1/feedback"): _feedback,
    ("POST", "/v1/search"): _search,
    ("POST", "/v1/documents"): _upload,
    ("GET", "/v1/documents"): _list,
    ("GET", "/v1/documents/{document_id}"): _read,
    ("DELETE", "/v1/documents/{document_id}"): _delete,
    ("GET", "/v1/jobs"): _jobs,
    ("GET", "/v1/jobs/{job_id}"): _job,
    ("POST", "/v1/jobs/{job_id}/cancel"): _cancel,
    ("GET", "/v1/audit"): _audit,
    ("GET", "/v1/reports"): _reports,
    ("GET", "/v1/reports/{report_id}"): _report,
    ("GET", "/v1/fingerprint"): _fingerprint,
    ("GET", "/healthz"): _open("/healthz"),
    ("GET", "/readyz"): _open("/readyz"),
    ("GET", "/metrics"): _open("/metrics"),
    ("POST", "/internal/ingest"): _command,
    ("POST", "/internal/ask"): _question,
}


def test_every_route_is_walked():
    routes = {
        (method, route.path_format)
        for module in ROUTES
        for route in module.router.routes
        for method in route.methods
    }
    assert set(WALK) == routes, "say in WALK what the new route tells its caller"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """The parts of a server, a client of it, and a folder for documents."""
    with ExitStack() as stack:
        home = tmp_path_factory.mktemp("house")
        parts = house_parts(stack, home, Parrot(), remembering=True, failures_per_minute=10**6)
        app = create_app(parts)
        client = stack.enter_context(TestClient(app, client=("127.0.0.1", 50_000)))
        parts.startup.wait()
        docs = home / "docs"
        docs.mkdir()
        yield parts, client, docs


@pytest.fixture(scope="module")
def make_caller(house):
    parts, client, _ = house

    def make(world: World, tenant: str, groups, *scopes: str) -> Caller:
        reader = Reader(world.tenant(tenant), groups)
        name = f"{world.number} {sorted(groups)}"
        _, key = Keyring(parts.ledger).create(
            reader.tenant, sorted(groups), ["chat", "ingest", "eval", *scopes], name
        )
        return Caller(client, reader, name, {"Authorization": f"Bearer {key}"}, world)

    return make


@given(history=worlds.histories, readers=worlds.readers)
@settings(max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_no_route_tells_what_its_caller_may_not_see(house, make_caller, history, readers):
    parts, _, docs = house
    world, middle = World(), len(history) // 2
    callers = [make_caller(world, *reader) for reader in readers]
    callers += [make_caller(world, name, frozenset(), "admin") for name in TENANTS]
    samples = Samples(parts.ledger.transaction, 24, 30)
    for part in (history[:middle], history[middle:]):
        world.live(part, parts.tools, docs)
        for caller in callers:
            for route, path in WALK.items():
                for reply in path(caller):
                    assert reply.status_code < 500, route
                    asked_for = reply.request.content.decode()
                    told = reply.text
                    assert not [w for w in world.leaks(caller.reader, told) if w not in asked_for], route
            rows = export(samples.rated(caller.principal), parts.tools.library.catalog, caller.principal).rows
            assert not world.leaks(caller.reader, json.dumps(rows))


@given(uploads=worlds.readers, readers=worlds.readers)
@settings(max_examples=4, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
def test_jobs_are_their_owners(make_caller, uploads, readers):
    """Their names, files and outcomes are told to who sent them and to the tenant's administrators."""
    world = World()
    senders = [make_caller(world, *each) for each in uploads]
    readings = [(make_caller(world, *each), False) for each in readers]
    readings += [(make_caller(world, name, frozenset(), "admin"), True) for name in TENANTS]
    sent = {}
    for sender in senders:
        file = ("files", (f"upload{sender.name}.md", COMMON))
        groups = {"groups": ",".join(sorted(sender.reader.groups))}
        reply = sender.call("POST", "/v1/documents", files=[file], data=groups)
        sent[reply.json()["job_id"]] = sender
    for reader, is_admin in readings:
        seen = {job["id"] for job in reader.call("GET", "/v1/jobs").json()["jobs"]}
        for name, sender in sent.items():
            same = reader.reader.tenant == sender.reader.tenant
            allowed = same and (is_admin or reader.name == sender.name)
            assert (name in seen) == allowed
            told = reader.call("GET", f"/v1/jobs/{name}")
            assert told.is_success == allowed
            if not allowed:
                same_as_missing(reader, "GET", "/v1/jobs", name)
                same_as_missing(reader, "POST", "/v1/jobs", f"{name}/cancel")
        assert seen <= set(sent)
