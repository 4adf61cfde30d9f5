"""Every request: who may come in, what is too much, and errors in one shape."""

import json
import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from ingest.errors import (
    BadCursor,
    CatalogFault,
    EmbedderMismatch,
    IngestError,
    NotIndexed,
    StoreFault,
)
from service import errors
from service.app import create_app
from service.auth import NoAuth
from service.middleware.addresses import ANSWERS
from service.problems import problem
from service.resources import Resources
from service.startup import Startup

QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}
GUARDED = [
    ("POST", "/v1/chat/completions"),
    ("POST", "/v1/responses"),
    ("POST", "/v1/search"),
    ("POST", "/v1/documents"),
    ("GET", "/v1/documents"),
    ("GET", "/v1/documents/x"),
    ("DELETE", "/v1/documents/x"),
    ("GET", "/v1/jobs"),
    ("GET", "/v1/jobs/x"),
    ("POST", "/v1/jobs/x/cancel"),
    ("GET", "/v1/conversations"),
    ("GET", "/v1/conversations/x"),
    ("DELETE", "/v1/conversations/x"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/x"),
    ("POST", "/v1/feedback"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/fingerprint"),
    ("GET", "/v1/reports"),
    ("GET", "/v1/reports/x"),
]
FOR_EVALUATIONS = {"/v1/fingerprint", "/v1/reports", "/v1/reports/x"}


def test_every_route_below_v1_is_in_the_list_of_guarded_ones(house):
    listed = {
        (method.upper(), re.sub(r"\{[a-z_]+\}", "x", path))
        for path, methods in house.client.get("/openapi.json").json()["paths"].items()
        for method in methods
        if path.startswith("/v1/")
    }
    assert listed == set(GUARDED)


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("header", [None, "Bearer pk-wrong", "Basic dGVzdDp0ZXN0"])
def test_without_a_good_key_every_guarded_route_is_401(house, method, path, header):
    headers = {"Authorization": header} if header else {}
    reply = house.client.request(method, path, headers=headers, content=b"{not json")
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"] == "Bearer"
    assert reply.json()["error"]["code"] == "invalid_api_key"


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_a_key_without_scopes_for_it_is_403_everywhere(house, method, path):
    bodies = {
        "/v1/search": {"query": "x"},
        "/v1/feedback": {"answer_id": "a", "rating": "up"},
        "/v1/responses": {"input": "How many days?"},
    }
    body = bodies.get(path, QUESTION)
    lacking = ["chat"] if path in FOR_EVALUATIONS else ["eval"]
    reply = house.client.request(method, path, headers=house.key(scopes=lacking), json=body)
    assert reply.status_code == 403
    assert reply.json()["error"]["type"] == "permission_error"


def test_a_revoked_key_is_401_at_the_next_request(house):
    headers = house.key()
    assert house.client.get("/v1/models", headers=headers).status_code == 200
    house.keyring.revoke(house.keyring.list()[0].id)
    assert house.client.get("/v1/models", headers=headers).status_code == 401


def test_without_keys_only_this_machine_is_served(make_parts: Callable[..., Resources]):
    parts = make_parts(authenticator=NoAuth())
    with TestClient(create_app(parts), base_url="http://127.0.0.1:8000") as client:
        parts.startup.wait()
        assert client.get("/v1/models").status_code == 200
        assert client.get("/v1/models", headers={"Origin": "https://evil.com"}).status_code == 403
        assert client.get("/v1/models", headers={"Host": "evil.com"}).status_code == 403


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/responses", "/v1/search", "/v1/feedback"])
@pytest.mark.parametrize("body", [b"{", b"{'a': 1}", b'{"messages": [}', b"\xff\xfe", b""])
def test_malformed_json_is_a_client_error_that_says_so(house, path, body):
    headers = house.key() | {"Content-Type": "application/json"}
    reply = house.client.post(path, headers=headers, content=body)
    assert reply.status_code == (400 if body or path in ANSWERS else 422)
    assert reply.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", "/healthz", 405), ("GET", "/v1/x", 404)]
)
def test_addresses_that_do_not_exist_answer_in_the_same_shape(house, method, path, status):
    reply = house.client.request(method, path, headers=house.key())
    assert reply.status_code == status
    assert set(reply.json()["error"]) == {"message", "type", "param", "code"}
    assert ("allow" in reply.headers) == (status == 405)


def test_a_request_over_the_limit_is_413(house):
    body = json.dumps({"messages": [{"role": "user", "content": "x" * 3_000_000}]}).encode()
    reply = house.client.post("/v1/chat/completions", headers=house.key(), content=body)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")


def test_a_request_over_the_limit_is_413_though_it_does_not_say_how_long_it_is(house):
    def pieces():
        for _ in range(40):
            yield b"x" * 100_000

    reply = house.client.post("/v1/search", headers=house.key(), content=pieces())
    assert reply.status_code == 413


def test_every_answer_has_a_request_id(house):
    assert len(house.client.get("/healthz").headers["x-request-id"]) == 32
    assert house.client.get("/healthz", headers={"X-Request-Id": "abc-1"}).headers["x-request-id"] == "abc-1"
    for hostile in ("x" * 500, "a\tb"):
        given = house.client.get("/healthz", headers={"X-Request-Id": hostile}).headers["x-request-id"]
        assert len(given) == 32


def test_what_nobody_foresaw_is_500_and_tells_nothing(house, capsys):
    body = {"messages": [{"role": "user", "content": "crash early"}]}
    reply = house.client.post("/v1/chat/completions", headers=house.key(), json=body)
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert "ZeroDivision" not in reply.text
    assert len(reply.headers["x-request-id"]) == 32
    assert "secret document" not in "".join(capsys.readouterr())


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotIndexed("x"), 404, "not_found"),
        (BadCursor("x"), 422, "invalid_cursor"),
        (StoreFault("x"), 503, "store_unavailable"),
        (CatalogFault("x"), 503, "catalog_unavailable"),
        (EmbedderMismatch("x"), 503, "embedder_mismatch"),
        (IngestError("x"), 500, "ingestion_failed"),
        (errors.UnknownModel("x"), 404, "model_not_found"),
        (errors.ContextTooLong("x"), 400, "context_length_exceeded"),
        (errors.LedgerFault("x"), 503, "ledger_unavailable"),
        (errors.EngineFailed("x"), 503, "engine_unavailable"),
        (errors.EngineDown(2), 503, "engine_unavailable"),
        (errors.EngineSlow(60), 503, "engine_timeout"),
        (errors.EngineRefused("x"), 503, "engine_refused"),
        (errors.NotReady("x"), 503, "not_ready"),
        (ValueError("x"), 500, "internal_error"),
    ],
)
def test_errors_have_the_status_and_code_of_the_contract(error, status, code):
    told = problem(error)
    assert (told.status, told.code) == (status, code)
    assert told.body()["error"]["type"] == ("server_error" if status >= 500 else "invalid_request_error")


def test_an_error_that_passes_says_when_to_ask_again():
    reply = problem(errors.EngineDown(2)).response()
    assert reply.headers["retry-after"] == "2"
    assert "retry-after" not in problem(errors.EngineFailed("x")).response().headers


def test_the_server_answers_before_the_engine_is_loaded(make_parts: Callable[..., Resources]):
    def broken():
        raise errors.ModelUnavailable("default", "no adapter is promoted")

    told: list[Exception] = []
    parts = make_parts(startup=Startup(broken, told.append), authenticator=NoAuth())
    with TestClient(create_app(parts), base_url="http://127.0.0.1") as client:
        parts.startup.wait()
        assert client.get("/healthz").status_code == 200
        assert client.post("/v1/search", json={"query": "x"}).json() == {"hits": []}
        reply = client.post("/v1/chat/completions", json=QUESTION)
        assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not_ready")
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["ready"] is False
        assert "no adapter is promoted" in ready.json()["dependencies"]["engine"]["detail"]
    assert [type(error) for error in told] == [errors.ModelUnavailable]


def test_a_ready_server_names_what_it_depends_on(house):
    reply = house.client.get("/readyz")
    assert (reply.status_code, reply.json()["ready"]) == (200, True)
    dependencies = ("server", "store", "ledger", "embedder", "engine")
    assert {name: each["ready"] for name, each in reply.json()["dependencies"].items()} == dict.fromkeys(
        dependencies, True
    )


def test_an_engine_that_does_not_answer_is_told_and_search_goes_on(house):
    house.pipeline.engine_up = False
    reply = house.client.get("/readyz")
    assert (reply.status_code, reply.json()["ready"]) == (503, False)
    assert "see that it runs" in reply.json()["dependencies"]["engine"]["detail"]
    assert house.client.post("/v1/search", headers=house.key(), json={"query": "x"}).status_code == 200


def test_figures_count_routes_and_never_name_a_document(house):
    house.client.get("/v1/documents/some-document", headers=house.key())
    text = house.client.get("/metrics").text
    assert 'route="/v1/documents/{document_id}",status="404"' in text
    assert "some-document" not in text


def test_the_description_names_the_bearer_scheme_and_hides_internal_routes(house):
    described = house.client.get("/openapi.json").json()
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
    assert not any(path.startswith("/internal") for path in described["paths"])
