"""Uploads over real HTTP to a real server: what becomes of them, who sees it, and what a kill leaves of them.

The server has its rails, MiniLM and Qdrant Edge; the engine is a fake that always says one sentence.
"""

import signal
from contextlib import closing

import httpx
import pytest

from service.keys import Keyring
from service.ledger import Ledger
from tests.ingest.samples import pdf, word
from tests.journeys.fault_house import PATIENCE, QUESTION, Engine, Engines, House, until

SAID = "Every full-time employee gets 28 days of annual leave a year."
MANY, SECONDS_OF_WORK = 24, 180
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("jobs")
    engines = Engines([Engine(folder / "engine.log")])
    for engine in engines:
        engine.start()
    home = folder / "home"
    home.mkdir()
    made = House(home, engines, folder / "server.log", publish_batch=1)
    made.settle()
    yield made
    made.stop()
    engines.kill()


class Caller:
    """Somebody with a key."""

    def __init__(self, house, groups):
        self.house = house
        with closing(Ledger(house.ledger)) as ledger:
            _, key = Keyring(ledger).create("default", groups, ("chat", "ingest"))
        self.client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)

    def get(self, path):
        return self.client.get(f"{self.house.url}{path}")

    def post(self, path, **sent):
        return self.client.post(f"{self.house.url}{path}", **sent)

    def upload(self, files, **said):
        sent = [("files", file) for file in files.items()]
        reply = self.post("/v1/documents", files=sent, data=said)
        assert reply.status_code == 202, reply.text
        return reply.json()["job_id"]

    def job(self, name):
        return self.get(f"/v1/jobs/{name}").json()

    def reached(self, name, wanted):
        """The job, once `wanted` holds for it."""
        return until(lambda: (job := self.job(name)) and wanted(job) and job, self.house.server)

    def ended(self, name):
        return self.reached(name, lambda job: job["state"] not in {"queued", "running"})

    def found(self, query):
        hits = self.post("/v1/search", json={"query": query, "k": 20}).json()["hits"]
        return {hit["document_id"] for hit in hits}

    def listed(self):
        return {row["document_id"] for row in self.get("/v1/documents?limit=1000").json()["documents"]}

    def cited(self):
        asked = {"messages": [{"role": "user", "content": QUESTION}]}
        answer = self.post("/v1/chat/completions", json=asked).json()
        return {citation["document_id"] for citation in answer["citations"]}


@pytest.fixture(scope="module")
def anna(house):
    caller = Caller(house, ["hr"])
    yield caller
    caller.client.close()


@pytest.fixture(scope="module")
def ben(house):
    caller = Caller(house, [])
    yield caller
    caller.client.close()


def states(job):
    return {file["name"]: file["state"] for file in job["files"]}


def test_documents_are_uploaded_found_by_whom_they_are_for_and_gone_when_deleted(anna, ben):
    files = {"leave.md": f"# Leave\n\n{SAID}\n".encode(), "policy.docx": word(), "broken.pdf": pdf()[:900]}
    job = anna.ended(anna.upload(files, groups="hr", labels="internal"))
    assert (job["state"], job["total"], job["done"], job["failed"]) == ("done", 3, 3, 1)
    assert states(job) == {"leave.md": "done", "policy.docx": "done", "broken.pdf": "failed"}
    assert job["files"][2]["error"]
    assert job["chunks"] == sum(file.get("chunks", 0) for file in job["files"]) > 1
    leave, policy = (file["document_id"] for file in job["files"][:2])
    assert anna.cited() == {leave}
    assert {leave, policy} <= anna.found("annual leave") & anna.listed()
    assert ben.cited() == ben.found("annual leave") == ben.listed() == set()
    assert ben.get(f"/v1/documents/{leave}").status_code == 404
    assert ben.get(f"/v1/jobs/{job['id']}").status_code == 404
    assert anna.client.delete(f"{anna.house.url}/v1/documents/{leave}").is_success
    assert leave not in anna.found("annual leave") | anna.listed() | anna.cited()
    assert anna.get(f"/v1/documents/{leave}").status_code == 404


def many(word, count=MANY):
    return {
        f"{word}{number:03}.md": f"# {word} {number}\n\n{word} number {number}.\n" for number in range(count)
    }


def test_what_a_killed_server_had_indexed_stays_and_the_next_goes_on(house, ben):
    name = ben.upload(many("harbour"))
    before = ben.reached(name, lambda job: job["done"] >= 3)
    assert before["state"] == "running"
    house.server.send_signal(signal.SIGKILL)
    house.server.wait(PATIENCE)
    house.start()
    after = ben.ended(name)
    assert (after["state"], set(states(after).values())) == ("done", {"done"})
    done = [file for file in before["files"] if file["state"] == "done"]
    assert [file for file in after["files"] if file["name"] in {each["name"] for each in done}] == done
    assert after["started_at"] == before["started_at"]
    assert len(ben.listed()) == MANY


def test_a_cancelled_upload_ends_between_two_files_and_leaves_no_more_than_it_tells(house, ben):
    name = ben.upload(many("lighthouse", SECONDS_OF_WORK))
    ben.reached(name, lambda job: job["done"] >= 3)
    assert ben.post(f"/v1/jobs/{name}/cancel").is_success
    job = ben.ended(name)
    assert (job["state"], set(states(job).values())) == ("cancelled", {"done", "cancelled"})
    assert {file["document_id"] for file in job["files"] if file["state"] == "done"} <= ben.listed()
    assert len(ben.listed()) == MANY + list(states(job).values()).count("done")
    assert not list((house.home / "uploads").glob("*"))
    assert [each["id"] for each in ben.get("/v1/jobs?state=cancelled").json()["jobs"]] == [name]
    assert ben.post(f"/v1/jobs/{name}/cancel").json()["state"] == "cancelled"
