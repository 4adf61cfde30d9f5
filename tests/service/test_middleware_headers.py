"""Headers for browsers: on every answer, good or bad; and pages of other origins, if they may call."""

import re

import pytest
from starlette.testclient import TestClient

from service.app import create_app
from service.settings import ServiceSettings

CHAT = "/v1/chat/completions"
PAGE = "https://chat.example.com"


def question(text="How many days?", **more):
    return {"messages": [{"role": "user", "content": text}], **more}


def check(reply) -> None:
    policy = reply.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in policy
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/docs", 200),
        ("GET", "/nowhere", 404),
        ("PUT", "/healthz", 405),
        ("POST", "/internal/ask", 404),
        ("GET", "/v1/documents", 200),
        ("GET", "/v1/audit", 403),
        ("POST", "/v1/search", 422),
        ("POST", CHAT, 400),
    ],
)
def test_every_answer_is_what_it_claims_to_be_and_stays_out_of_frames(house, method, path, status):
    reply = house.client.request(method, path, headers=house.key())
    assert reply.status_code == status
    check(reply)
    assert (reply.headers.get("cache-control") == "no-store") == path.startswith("/v1/")


@pytest.mark.parametrize("text", ["crash early", "crash late", "break early"])
def test_what_breaks_has_the_headers_too(house, text):
    reply = house.client.post(CHAT, headers=house.key(), json=question(text))
    assert reply.status_code >= 500
    check(reply)
    assert reply.headers["cache-control"] == "no-store"


def test_a_refusal_at_the_door_and_a_body_too_large_have_them(house):
    check(house.client.get("/v1/documents"))
    check(house.client.post("/v1/search", headers=house.key(), content=b"x" * 3_000_000))


def test_a_stream_has_them(house):
    reply = house.client.post(CHAT, headers=house.key(), json=question(stream=True))
    check(reply)
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-accel-buffering"] == "no"


def test_pages_of_this_server_may_use_its_own_scripts_and_routes_and_nobody_elses(house):
    policy = house.client.get("/healthz").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "https:" not in policy


def test_the_description_may_load_what_it_is_made_of(house):
    reply = house.client.get("/docs")
    loaded = set(re.findall(r"https://[^/\"]+", reply.text))
    assert loaded
    for origin in loaded:
        assert origin in reply.headers["content-security-policy"]


def test_no_other_page_may_call_unless_it_is_named(house):
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    assert house.client.options(CHAT, headers=headers).status_code == 401
    reply = house.client.get("/v1/documents", headers=house.key() | {"Origin": PAGE})
    assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.fixture
def open_house(house, make_parts, settings):
    """The house's keys, and a client of a server that a page may call."""
    parts = make_parts(settings=settings.model_copy(update={"cors_origins": [PAGE]}))
    with TestClient(create_app(parts), raise_server_exceptions=False) as client:
        parts.startup.wait()
        yield house, client


def test_a_named_page_may_ask_before_it_calls_without_a_key(open_house):
    _, client = open_house
    headers = {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-stainless-lang",
    }
    reply = client.options(CHAT, headers=headers)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == PAGE
    assert "POST" in reply.headers["access-control-allow-methods"]
    assert "x-stainless-lang" in reply.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in reply.headers
    check(reply)


@pytest.mark.parametrize(
    ("origin", "method"), [("https://evil.example.com", "POST"), ("null", "POST"), (PAGE, "PATCH")]
)
def test_other_pages_and_other_methods_may_not(open_house, origin, method):
    _, client = open_house
    headers = {"Origin": origin, "Access-Control-Request-Method": method}
    reply = client.options(CHAT, headers=headers)
    assert reply.status_code == 400
    assert reply.headers.get("access-control-allow-origin") in {None, PAGE}


@pytest.mark.parametrize("stream", [False, True])
def test_a_named_page_reads_answers_streams_and_the_headers_that_count(open_house, stream):
    house, client = open_house
    headers = house.key() | {"Origin": PAGE}
    reply = client.post(CHAT, headers=headers, json=question(stream=stream))
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == PAGE
    exposed = reply.headers["access-control-expose-headers"].lower()
    assert {"x-request-id", "retry-after", "x-ratelimit-remaining-requests"} <= set(exposed.split(", "))
    assert "Origin" in reply.headers["vary"]


@pytest.mark.parametrize(("text", "status"), [("crash early", 500), ("break early", 503)])
def test_a_named_page_reads_what_went_wrong(open_house, text, status):
    house, client = open_house
    reply = client.post(CHAT, headers=house.key() | {"Origin": PAGE}, json=question(text))
    assert (reply.status_code, reply.headers["access-control-allow-origin"]) == (status, PAGE)
    refused = client.get("/v1/documents", headers={"Origin": PAGE})
    assert (refused.status_code, refused.headers["access-control-allow-origin"]) == (401, PAGE)


def test_a_page_that_is_not_named_gets_no_leave_to_read(open_house):
    house, client = open_house
    headers = house.key() | {"Origin": "https://evil.example.com"}
    assert "access-control-allow-origin" not in client.get("/v1/documents", headers=headers).headers


@pytest.mark.parametrize(
    "origin",
    ["https://a.example.com/", "a.example.com", "https://a.example.com/chat", "", "https://", "null"],
)
def test_what_is_no_origin_cannot_be_set(origin):
    with pytest.raises(ValueError, match="no origin"):
        ServiceSettings(cors_origins=[origin])


@pytest.mark.parametrize(
    "origin", ["*", "https://a.example.com", "http://localhost:3000", "app://obsidian.md"]
)
def test_what_is_an_origin_can(origin):
    assert ServiceSettings(cors_origins=[origin]).cors_origins == [origin]
