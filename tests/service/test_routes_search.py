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


def test_a_filter_narrows_what_is_found_and_opens_nothing(house):
    house.add("a.md", "alpha beta")
    house.add("b.md", "beta gamma")
    house.add("pay.md", "beta pay", groups=["board"])

    def found(**narrowed):
        asked = {"query": "beta", "filter": narrowed}
        hits = house.client.post(PATH, headers=house.key(groups=["hr"]), json=asked).json()["hits"]
        return {hit["uri"] for hit in hits}

    assert found() == {"file:///a.md", "file:///b.md"}
    assert found(path="file:///a.md") == {"file:///a.md"}
    assert found(path="file:///pay.md") == found(labels=["x"]) == found(since="2026-01-01") == set()
    assert found(without_labels=["x"], path="file:///") == {"file:///a.md", "file:///b.md"}


@pytest.mark.parametrize(
    ("narrowed", "field"),
    [
        ({"label": ["x"]}, "filter.label"),
        ({"labels": "x"}, "filter.labels"),
        ({"labels": [7]}, "filter.labels.0"),
        ({"labels": [""]}, "filter.labels.0"),
        ({"labels": ["x"] * 101}, "filter.labels"),
        ({"languages": ["half \ud800"]}, "filter.languages.0"),
        ({"path": "x\0y"}, "filter.path"),
        ({"path": 7}, "filter.path"),
        ({"since": "soon"}, "filter.since"),
        ({"until": "2026-02-30"}, "filter.until"),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "filter"),
        ({"tenant": "other"}, "filter.tenant"),
        ([], "filter"),
    ],
)
def test_a_fault_in_a_filter_is_named(house, narrowed, field):
    headers = house.key() | {"Content-Type": "application/json"}
    body = json.dumps({"query": "x", "filter": narrowed}).encode()
    reply = house.client.post(PATH, headers=headers, content=body)
    assert (reply.status_code, reply.json()["error"]["param"]) == (422, field)


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
