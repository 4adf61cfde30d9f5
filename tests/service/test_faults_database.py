"""PostgreSQL falls over under a running server: callers are told, and nobody has to restart anything."""

import pytest

from tests.postgres import Cluster

QUESTION = {"messages": [{"role": "user", "content": "How many days?"}]}
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


def test_a_ledger_that_is_gone_is_a_503_and_is_found_again_when_it_is_back(house, cluster: Cluster):
    headers = house.key()
    ask = lambda: house.client.post("/v1/chat/completions", headers=headers, json=QUESTION)  # noqa: E731
    assert ask().status_code == 200
    cluster.stop()
    try:
        replies = [ask(), house.client.get("/v1/documents", headers=headers)]
        assert house.client.get("/healthz").status_code == 200
    finally:
        cluster.start()
    for reply in replies:
        error = reply.json()["error"]
        assert (reply.status_code, error["code"]) == (503, "ledger_unavailable")
        assert "cannot be reached: see that it runs" in error["message"]
        assert "plumbline-pg" not in error["message"]
    assert ask().status_code == 200
    assert house.client.get("/v1/documents", headers=headers).status_code == 200


def test_what_was_recorded_before_is_there_afterwards(house, cluster: Cluster):
    headers = house.key(scopes=["chat", "admin"])
    house.client.post("/v1/chat/completions", headers=headers, json=QUESTION)
    cluster.stop()
    cluster.start()
    entries = house.client.get("/v1/audit", headers=headers).json()["entries"]
    assert [entry["rail"] for entry in entries] == ["pii"]
