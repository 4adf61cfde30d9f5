"""Another embedder in a running server under a stream of queries: none fails, none mixes two indexes."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial

import httpx
import pytest

from tests.service.scripted_house import EMBEDDERS, LEAVE, scripted_house

TOKEN = {"Authorization": "Bearer the-token"}
# Only some of their words are the documents': to each embedder another one is the best, or by another score.
QUESTIONS = ["days of leave", "does it break at eight", "subject3 and 4", "the engine of a year"]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as running:
        place = tmp_path_factory.mktemp("more")
        for number in range(30):
            (place / f"{number}.md").write_text(f"words about subject{number} and {number % 7}\n")
        assert command(running, "sync", paths=[str(place)])["added"] == 30
        yield running


def command(house, name, **arguments):
    asked = {"command": name, "arguments": arguments}
    reply = httpx.post(f"{house.url}/internal/ingest", headers=TOKEN, json=asked, timeout=60)
    assert reply.is_success, reply.text
    return reply.json()


class Caller:
    """Asks over one connection."""

    def __init__(self, client):
        self.client = client

    def found(self, question):
        """Which passages, and how near each is: what tells one embedder from another."""
        body = {"query": question, "mode": "dense", "k": 5}
        reply = self.client.post("/v1/search", json=body)
        assert reply.status_code == 200, reply.text
        return tuple((hit["uri"], round(hit["score"], 5)) for hit in reply.json()["hits"])

    def answered(self, question):
        body = {"model": "default", "messages": [{"role": "user", "content": question}]}
        reply = self.client.post("/v1/chat/completions", json=body)
        assert reply.status_code == 200, reply.text
        return reply.json()["choices"][0]["message"]["content"]


@pytest.fixture
def caller(house):
    headers = {"Authorization": f"Bearer {house.key('chat')}"}
    with ExitStack() as stack:
        yield lambda: Caller(
            stack.enter_context(httpx.Client(base_url=house.url, headers=headers, timeout=60))
        )


@contextmanager
def stream(*asking):
    """Each of them again and again, in a thread of its own, until the block ends; what they were told."""
    stop, told = threading.Event(), []

    def ask(one):
        while not stop.is_set():
            told.append(one())

    with ThreadPoolExecutor(len(asking)) as threads:
        running = [threads.submit(ask, one) for one in asking]
        try:
            yield told
        finally:
            stop.set()
        for each in running:
            each.result()


def several(told, more=12):
    """Wait until so many more were told."""
    before, waiting = len(told), threading.Event()
    for _ in range(3_000):
        if len(told) >= before + more:
            return
        waiting.wait(0.01)
    pytest.fail("nothing is answered any more")


def test_every_search_is_answered_from_one_index_while_it_goes_over(house, caller):
    known, learner = {}, caller()

    def learn():
        for question in QUESTIONS:
            known.setdefault(question, []).append(learner.found(question))

    def asking(question):
        mine = caller()
        return lambda: (question, mine.found(question))

    learn()
    with stream(*map(asking, QUESTIONS)) as told:
        for name in EMBEDDERS:
            several(told)
            assert command(house, "reindex", embedder=name) == {"chunks": 32, "embedder": name}
            learn()
    assert all(len(set(found)) == len(EMBEDDERS) + 1 for found in known.values())
    assert [question for question, found in told if found not in known[question]] == []
    assert {known[question].index(found) for question, found in told} == {0, 1, 2}
    assert command(house, "status")["embedder"].startswith("third ")
    assert httpx.get(f"{house.url}/readyz").is_success


def test_questions_are_answered_while_the_index_goes_over(house, caller):
    with stream(*(partial(caller().answered, LEAVE) for _ in range(2))) as told:
        for name in EMBEDDERS:
            several(told, 4)
            command(house, "reindex", embedder=name)
        several(told, 4)
    assert set(told) == {"Staff get 27 days of paid leave [1]."}
