"""Asking the server that holds the data folder."""

import json

import httpx
import pytest

from ingest.lock import Owner
from service import remote
from service.errors import BadRequest, ServerUnreachable, ServiceError

OWNER = Owner(7, "http://127.0.0.1:8000", "the-token")


def answering(status: int, body: object) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=body))


def test_the_question_goes_to_the_servers_address_with_its_token():
    seen: list[httpx.Request] = []

    def take(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"answer_id": "ans-1"})

    answer = remote.ask(OWNER, {"question": "why?"}, httpx.MockTransport(take))
    assert answer == {"answer_id": "ans-1"}
    assert str(seen[0].url) == "http://127.0.0.1:8000/internal/ask"
    assert seen[0].headers["authorization"] == "Bearer the-token"
    assert json.loads(seen[0].content) == {"question": "why?"}


@pytest.mark.parametrize(("exit_code", "kind"), [(1, ServiceError), (2, BadRequest)])
def test_what_the_server_says_went_wrong_is_what_is_raised(exit_code: int, kind: type[Exception]):
    body = {"error": {"message": "told", "exit_code": exit_code}}
    with pytest.raises(kind, match="told"):
        remote.ask(OWNER, {}, answering(500, body))


@pytest.mark.parametrize(
    ("status", "body"), [(200, []), (500, {}), (404, {"error": "x"}), (502, {"error": {}})]
)
def test_an_answer_that_is_none_of_ours_is_a_clear_error(status: int, body: object):
    with pytest.raises(ServerUnreachable, match="process 7"):
        remote.ask(OWNER, {}, answering(status, body))


def test_a_server_that_does_not_answer_is_a_clear_error():
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(ServerUnreachable, match="ConnectError"):
        remote.ask(OWNER, {}, httpx.MockTransport(refuse))
