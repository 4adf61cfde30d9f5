"""Every route of the OpenAPI document, walked by those who may not: they learn nothing of anybody."""

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta

import pytest

from tests.postgres import BOTH

pytestmark = BOTH

EVERY = ("chat", "ingest", "admin", "eval")
OPEN = {"/healthz", "/readyz", "/metrics"}
FOR_EVALUATIONS = {"/v1/fingerprint", "/v1/reports", "/v1/reports/{report_id}"}
SECRET = "the tender is for gold bars"
# Nothing of tenant acme may stand in anything that anybody else gets.
MARKS = ("acme", "tender", "gold", "minutes", "councillor")


class Victim:
    """Tenant acme with a document, an upload, an answer and feedback."""

    def __init__(self, house) -> None:
        house.add("tender.md", f"# Tender\n\n{SECRET}\n", tenant="acme", groups=["councillors"])
        self.headers = house.key("acme", ["councillors"], EVERY, "anna")
        client = house.client
        files = {"files": ("minutes.md", b"# Minutes\n\nacme meets", "text/markdown")}
        upload = client.post("/v1/documents", headers=self.headers, files=files)
        self.ids = defaultdict(lambda: "none", job_id=upload.json()["job_id"])
        listed = client.get("/v1/documents", headers=self.headers).json()["documents"]
        self.ids["document_id"] = next(d["document_id"] for d in listed if "tender" in d["uri"])
        asked = {"messages": [{"role": "user", "content": SECRET}]}
        answered = client.post("/v1/chat/completions", headers=self.headers, json=asked)
        self.answer_id = answered.json()["answer_id"]
        self.ids["name"] = "grounded-qa-1"


@pytest.fixture
def victim(house):
    return Victim(house)


@pytest.fixture
def walk(house, victim):
    """Call every guarded route with these headers; gives (method, route, reply)."""

    def run(headers, **bodies):
        replies = []
        for route, methods in house.client.get("/openapi.json").json()["paths"].items():
            for method in methods if route not in OPEN else ():
                path = route.format_map(victim.ids)
                given = (bodies or {"json": body(victim, route)}) if method == "post" else {}
                if route == "/v1/documents" and method == "post" and not bodies:
                    given = {"files": {"files": ("x.md", b"# X", "text/markdown")}}
                reply = house.client.request(method.upper(), path, headers=headers, **given)
                replies.append((method, route, reply))
        assert len(replies) >= 11
        return replies

    return run


def body(victim, route):
    return {
        "/v1/chat/completions": {"messages": [{"role": "user", "content": "How many days?"}]},
        "/v1/responses": {"input": "How many days?"},
        "/v1/search": {"query": "tender gold"},
        "/v1/feedback": {"answer_id": victim.answer_id, "rating": "down"},
    }.get(route, {})


def check_silent(reply) -> None:
    told = (reply.text + json.dumps(dict(reply.headers))).lower()
    assert not [mark for mark in MARKS if mark in told]


def credentials(house):
    """Headers of those whom nobody knows, or knows no more."""
    key_id, revoked = house.keyring.create("acme", ["councillors"], EVERY)
    house.keyring.revoke(key_id)
    past = datetime.now(UTC) - timedelta(seconds=1)
    _, expired = house.keyring.create("acme", ["councillors"], EVERY, None, past)
    good = house.key("acme", ["councillors"], ["chat"])["Authorization"]
    return {
        "wrong": {"Authorization": "Bearer pk-wrong"},
        "expired": {"Authorization": f"Bearer {expired}"},
        "revoked": {"Authorization": f"Bearer {revoked}"},
        "cut short": {"Authorization": good[:-1]},
        "another scheme": {"Authorization": good.replace("Bearer", "Basic")},
        "no scheme": {"Authorization": good.removeprefix("Bearer ")},
        "another header": {"X-Api-Key": good},
        "a cookie": {"Cookie": f"key={good}"},
        "the lock file's token": {"Authorization": "Bearer the-token"},
        "nothing": {},
    }


def test_without_a_key_that_holds_every_route_is_401_and_every_such_key_looks_the_same(house, walk):
    refusals: dict[str, set[str]] = {}
    for name, headers in credentials(house).items():
        for _, _, reply in walk(headers):
            assert reply.status_code == 401, name
            check_silent(reply)
            refusals.setdefault(name, set()).add(reply.text)
    assert all(len(texts) == 1 for texts in refusals.values())
    assert refusals["wrong"] == refusals["expired"] == refusals["revoked"] == refusals["cut short"]


@pytest.mark.parametrize(
    "bodies", [{"content": b"{not json"}, {"json": {"odd": 1}}, {"content": b"x" * 3_000_000}]
)
def test_nobody_learns_what_a_route_takes_before_they_may_call_it(walk, bodies):
    for headers in ({}, {"Authorization": "Bearer pk-wrong"}):
        assert {reply.status_code for _, _, reply in walk(headers, **bodies)} == {401}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "HEAD", "TRACE", "PROPFIND"])
@pytest.mark.parametrize(
    "path", ["/v1/models", "/v1/chat/completions", "/v1/none", "/v1/", "/v1/../v1/models"]
)
def test_nobody_learns_which_addresses_and_methods_there_are(house, method, path):
    assert house.client.request(method, path).status_code == 401


@pytest.mark.parametrize("path", ["/%761/models", "/v1%2Fmodels", "/v1/models?x=/healthz", "/v1/models;x"])
def test_an_address_written_otherwise_is_no_way_in(house, path):
    assert house.client.get(path).status_code == 401


@pytest.mark.parametrize(
    "path", ["http://testserver//v1/models", "/V1/models", "/v1", "/healthz/../v1/models", "/./v1/models"]
)
def test_an_address_that_is_nearly_one_of_ours_gives_nothing(house, path):
    assert house.client.get(path).status_code in {401, 404}


def test_too_few_scopes_are_403_whatever_the_route(house, walk):
    headers = house.key("acme", ["councillors"], ["eval"])
    for _, route, reply in walk(headers):
        if route not in FOR_EVALUATIONS:
            assert reply.status_code == 403
            check_silent(reply)


def test_each_scope_opens_its_own_routes_and_no_others(house, walk):
    opened = {}
    for scope in EVERY:
        replies = walk(house.key("other", [], [scope]))
        opened[scope] = {(method, route) for method, route, reply in replies if reply.status_code != 403}
    assert opened["eval"] == {("get", route) for route in FOR_EVALUATIONS}
    assert opened["admin"] == {("get", "/v1/audit")}
    assert opened["ingest"] == {
        ("post", "/v1/documents"),
        ("delete", "/v1/documents/{document_id}"),
        ("get", "/v1/jobs"),
        ("get", "/v1/jobs/{job_id}"),
        ("post", "/v1/jobs/{job_id}/cancel"),
    }
    assert opened["chat"].isdisjoint(opened["ingest"] | opened["admin"] | opened["eval"])


def test_another_tenant_with_every_scope_finds_nothing_of_this_one(house, walk, victim):
    headers = house.key("evil", ["councillors"], EVERY, "anna")
    found = {}
    for method, route, reply in walk(headers):
        found[method, route] = reply
        if route not in {"/v1/chat/completions", *FOR_EVALUATIONS}:
            check_silent(reply)
    assert found["get", "/v1/fingerprint"].json()["tenant"] == "evil"
    for (_, route), reply in found.items():
        if "{document_id}" in route or "{job_id}" in route or route == "/v1/feedback":
            assert reply.status_code == 404
    # The walk uploads a file of its own, which may be there already.
    listed = found["get", "/v1/documents"].json()["documents"]
    hits = found["post", "/v1/search"].json()["hits"]
    assert {document["uri"] for document in listed + hits} <= {"upload:///x.md"}
    read = f"/v1/documents/{victim.ids['document_id']}"
    assert house.client.get(read, headers=victim.headers).status_code == 200


def test_another_tenants_audit_is_its_own(house, walk, victim):
    headers = house.key("evil", ["councillors"], EVERY, "eve")
    walk(headers)
    entries = house.client.get("/v1/audit", headers=headers).json()["entries"]
    assert {entry["tenant"] for entry in entries} == {"evil"}
    assert not [mark for mark in MARKS if mark in json.dumps(entries)]


def test_what_is_not_ones_own_answers_as_what_is_not_there(house, victim):
    headers = house.key("evil", ["councillors"], EVERY)

    def told(path):
        replies = [house.client.get(path, headers=headers), house.client.delete(path, headers=headers)]
        return [(reply.status_code, reply.text.replace(path.rpartition("/")[2], "ID")) for reply in replies]

    missing = "00000000-0000-5000-8000-000000000000"
    assert told(f"/v1/documents/{victim.ids['document_id']}") == told(f"/v1/documents/{missing}")
    assert told(f"/v1/jobs/{victim.ids['job_id']}") == told("/v1/jobs/job-none")


def test_members_without_the_group_see_no_more_than_strangers(house, walk):
    headers = house.key("acme", ["staff"], ["chat", "ingest"], "ben")
    for method, route, reply in walk(headers):
        if "{document_id}" in route or "{job_id}" in route or route == "/v1/feedback":
            assert reply.status_code == 404, (method, route)
        if route == "/v1/search":
            assert "gold" not in reply.text


def test_what_everybody_may_read_names_no_tenant(house, walk, victim):
    walk(victim.headers)
    for path in OPEN | {"/openapi.json", "/docs"}:
        reply = house.client.get(path)
        check_silent(reply)
