"""Searching over HTTP."""

import json

import pytest

PATH = "/v1/search"
KEYS = {"chunk_id", "document_id", "uri", "title", "text", "start", "end", "page", "score"}


def test_hits_have_the_keys_that_the_command_line_prints(house):
    house.add("a.md", "alpha beta gamma")
    hits = house.client.post(PATH, headers=house.key(), json={"query": "beta"}).json()["hits"]
    assert [set(hit) for hit in hits] == [KEYS]
    assert hits[0]["text"] == "alpha beta gamma"


@pytest.mark.parametrize("mode", ["hybrid", "dense", "sparse"])
def test_k_is_the_most_that_is_found_in_every_mode(house, mode):
    for number in range(4):
        house.add(f"{number}.md", f"beta {number}")
    asked = {"query": "beta", "k": 2, "mode": mode}
    assert len(house.client.post(PATH, headers=house.key(), json=asked).json()["hits"]) == 2


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"query": ""},
        {"query": "  "},
        {"query": "x" * 8_001},
        {"query": 7},
        {"query": "half \ud800"},
        {"query": "x", "k": 0},
        {"query": "x", "k": 101},
        {"query": "x", "k": "many"},
        {"query": "x", "mode": "magic"},
        {"query": "x", "tenant": "other"},
        {"query": "x", "groups": ["hr"]},
        [],
    ],
)
def test_bad_parameters_are_422(house, body):
    headers = house.key() | {"Content-Type": "application/json"}
    reply = house.client.post(PATH, headers=headers, content=json.dumps(body).encode())
    assert reply.status_code == 422
    assert reply.json()["error"]["type"] == "invalid_request_error"


def test_an_index_with_nothing_in_it_finds_nothing(house):
    assert house.client.post(PATH, headers=house.key(), json={"query": "x"}).json() == {"hits": []}
