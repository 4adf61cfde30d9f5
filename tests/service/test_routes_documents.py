"""Documents over HTTP: uploads with their jobs, listing, reading, deleting; never across an access line."""

import errno
import time
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from ingest.access import Principal
from ingest.documents import document_id
from tests.postgres import BOTH

pytestmark = BOTH

PATH = "/v1/documents"


def upload(house, headers, *files: tuple[str, bytes | str], **fields: str):
    parts = [("files", file) for file in files]
    return house.client.post(PATH, headers=headers, files=parts, data=fields)


def finished(house, headers, reply) -> dict[str, Any]:
    """The job of an accepted upload, once it has ended."""
    assert reply.status_code == 202, reply.text
    for _ in range(1_000):
        job = house.client.get(f"/v1/jobs/{reply.json()['job_id']}", headers=headers).json()
        if job["state"] not in {"queued", "running"}:
            return job
        time.sleep(0.01)
    raise AssertionError(job)


def listed(house, headers) -> list[str]:
    return [row["uri"] for row in house.client.get(PATH, headers=headers).json()["documents"]]


def test_uploaded_files_are_found_and_each_has_its_outcome(house):
    headers = house.key()
    files = [
        ("whale.md", "the blue whale weighs 150 tons"),
        ("picture.bin", b"\x00\x01"),
        ("bad.txt", "DAMAGED"),
    ]
    job = finished(house, headers, upload(house, headers, *files))
    made = document_id("default", "upload:///whale.md")
    assert job["state"] == "done"
    assert job["files"] == [
        {"name": "whale.md", "state": "done", "document_id": made, "bytes": 30, "chunks": 1},
        {"name": "picture.bin", "state": "skipped", "error": "no reader for .bin files", "bytes": 2},
        {"name": "bad.txt", "state": "failed", "error": "damaged: get another copy", "bytes": 7},
    ]
    assert {name: job[name] for name in ("total", "done", "failed", "bytes", "chunks")} == {
        "total": 3,
        "done": 3,
        "failed": 1,
        "bytes": 39,
        "chunks": 1,
    }
    assert job["created_at"] <= job["started_at"] <= job["finished_at"]
    figures = house.client.get("/metrics").text
    for line in (
        'plumbline_jobs_total{state="done"} 1.0',
        'plumbline_job_files_total{outcome="skipped"} 1.0',
        'plumbline_jobs_unfinished{state="running"} 0.0',
    ):
        assert line in figures
    hits = house.client.post("/v1/search", headers=headers, json={"query": "whale"}).json()["hits"]
    assert [hit["document_id"] for hit in hits] == [made]
    assert not list(house.parts.jobs.place(job["id"]).parent.glob("*"))


def test_an_empty_file_is_skipped_with_a_reason(house):
    headers = house.key()
    job = finished(house, headers, upload(house, headers, ("a.md", "words"), ("empty.txt", b"")))
    assert [file["state"] for file in job["files"]] == ["done", "skipped"]


def test_a_later_upload_of_the_same_name_takes_its_place(house):
    headers = house.key()
    for text in ("the first text", "the second text"):
        finished(house, headers, upload(house, headers, ("a.md", text)))
    found = document_id("default", "upload:///a.md")
    assert house.client.get(f"{PATH}/{found}", headers=headers).json()["text"] == "the second text"
    assert listed(house, headers) == ["upload:///a.md"]


def test_a_restricted_upload_is_seen_by_its_groups_alone(house):
    hr, other = house.key(groups=["hr"]), house.key(groups=["eng"])
    job = finished(house, hr, upload(house, hr, ("pay.csv", "salary 100"), groups="hr"))
    made = job["files"][0]["document_id"]
    assert listed(house, hr) == ["upload://hr/pay.csv"]
    assert listed(house, other) == []
    assert house.client.get(f"{PATH}/{made}", headers=other).status_code == 404
    assert house.client.delete(f"{PATH}/{made}", headers=other).status_code == 404
    assert house.client.post("/v1/search", headers=other, json={"query": "salary"}).json() == {"hits": []}
    assert house.client.get(f"/v1/jobs/{job['id']}", headers=other).status_code == 404


def test_an_upload_never_replaces_what_its_sender_may_not_read(house):
    hr, other = house.key(groups=["hr"]), house.key()
    finished(house, hr, upload(house, hr, ("pay.csv", "salary 100"), groups="hr"))
    finished(house, other, upload(house, other, ("pay.csv", "salary 999")))
    made = document_id("default", "upload://hr/pay.csv")
    assert house.client.get(f"{PATH}/{made}", headers=hr).json()["text"] == "salary 100"


@pytest.mark.parametrize("groups", ["legal", "hr,legal", "HR"])
def test_documents_are_not_handed_to_groups_that_the_key_is_not_in(house, groups):
    headers = house.key(groups=["hr"])
    reply = upload(house, headers, ("a.md", "text"), groups=groups)
    assert reply.status_code == 403
    assert listed(house, house.key(groups=groups.split(","))) == []


def test_an_administrator_may_upload_for_any_group(house):
    admin = house.key(scopes=["ingest", "admin"])
    job = finished(house, admin, upload(house, admin, ("a.md", "text"), groups=" legal , hr "))
    assert job["state"] == "done"
    assert listed(house, house.key(groups=["legal"])) == ["upload://hr+legal/a.md"]


def test_a_manifest_above_the_data_folder_does_not_decide_who_reads_an_upload(house, tmp_path):
    (tmp_path / ".plumbline.yaml").write_text("groups: []\n")
    headers = house.key(groups=["hr"])
    finished(house, headers, upload(house, headers, ("a.md", "text"), groups="hr"))
    assert listed(house, house.key()) == []


def test_a_request_with_nothing_that_can_be_read_is_415(house):
    headers = house.key()
    reply = upload(house, headers, ("a.exe", b"MZ\x90"), ("b.7z", b"7z\xbc\xaf"))
    assert (reply.status_code, reply.json()["error"]["code"]) == (415, "unsupported_media_type")
    assert not list(house.parts.jobs.place("x").parent.glob("*"))


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("multipart/form-data", b"", 415),
        ("multipart/form-data; boundary=b", b"--b--\r\n", 422),
        ("multipart/form-data; boundary=b", b"no form at all", 400),
        (f"multipart/form-data; boundary={'b' * 257}", b"", 400),
        ("multipart/form-data; boundary=b", b"", 400),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\ncut of',
            400,
        ),
        (
            "multipart/form-data; boundary=b",
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.md"\r\n\r\nx\r\n--b--\r\n',
            422,
        ),
    ],
)
def test_a_form_that_is_none_is_a_clear_error(house, content_type, body, status):
    headers = house.key() | {"Content-Type": content_type}
    reply = house.client.post(PATH, headers=headers, content=body)
    assert reply.status_code == status
    assert reply.json()["error"]["type"] == "invalid_request_error"
    assert not list(house.parts.jobs.place("x").parent.glob("*"))


@pytest.mark.parametrize("error", [ClientDisconnect(), OSError(28, "no space left")])
def test_an_upload_that_breaks_off_leaves_nothing(house, monkeypatch, error):
    spool = house.parts.jobs.place("x").parent
    seen = []

    async def stream(_request):
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nwords'
        seen.extend(spool.glob("*/a.md"))
        raise error

    monkeypatch.setattr(Request, "stream", stream)
    headers = house.key() | {"Content-Type": "multipart/form-data; boundary=b"}
    assert house.client.post(PATH, headers=headers, content=b"").status_code == 500
    assert len(seen) == 1
    assert not list(spool.glob("*"))


def no_room(*_given, **_named):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("size", [9, 9_000])  # the first is written when the file is closed
def test_an_upload_that_the_disk_has_no_room_for_is_507_and_leaves_nothing(house, monkeypatch, size):
    headers, real = house.key(), Path.open

    def full(path, mode="r", *given, **named):
        return real(Path("/dev/full"), "wb") if mode == "xb" else real(path, mode, *given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", full)
        assert_told_of_no_room(house, upload(house, headers, ("a.md", "x" * size)))
    assert finished(house, headers, upload(house, headers, ("a.md", "x" * size)))["state"] == "done"


@pytest.mark.parametrize("step", ["mkdir", "open", "write_text"])
def test_no_room_for_any_file_or_folder_of_an_upload_is_507(house, monkeypatch, step):
    headers = house.key()
    with monkeypatch.context() as patched:
        patched.setattr(Path, step, no_room)
        reply = upload(house, headers, ("a.md", "words"))
    assert_told_of_no_room(house, reply)


def assert_told_of_no_room(house, reply):
    assert (reply.status_code, reply.json()["error"]["code"]) == (507, "insufficient_storage")
    assert "make room there, and send it again" in reply.json()["error"]["message"]
    assert not list(house.parts.jobs.place("x").parent.glob("*"))


@pytest.mark.parametrize(
    "files",
    [
        [("a.md", "x" * 10_001)],
        [("a.md", "x"), ("b.md", "x" * 3_000_000)],
        [(f"{n}.md", "x") for n in range(4)],
    ],
)
def test_more_than_the_limits_is_413_and_leaves_nothing(house, files):
    reply = upload(house, house.key(), *files)
    assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large")
    assert not list(house.parts.jobs.place("x").parent.glob("*"))


@pytest.mark.parametrize(
    "name", ["..", ".plumbline.yaml", "/", "a/.hidden.md", "x" * 300 + ".md", "\u20ac" * 80]
)
def test_a_name_that_no_disk_should_hold_is_refused(house, name):
    assert upload(house, house.key(), (name, "x")).status_code == 422


def test_what_an_upload_says_of_its_files_is_kept_with_them(house):
    headers = house.key(groups=["hr"])
    said = {"labels": "confidential, draft", "language": "en", "expires": "2027-01-31", "license": "CC-BY"}
    job = finished(house, headers, upload(house, headers, ("a.md", "words"), groups="hr", **said))
    principal = Principal("default", "anna", frozenset({"hr"}))
    record = house.parts.tools.library.document(principal, job["files"][0]["document_id"])
    assert (record.labels, record.access.groups) == ({"confidential", "draft"}, {"hr"})
    assert (record.language, record.expires, record.license) == ("en", "2027-01-31", "CC-BY")


@pytest.mark.parametrize(
    ("field", "value"),
    [("expires", "soon"), ("expires", "2027-02-30"), ("groups", "x" * 201), ("labels", "a," + "x" * 201)],
)
def test_a_field_that_holds_what_no_manifest_may_is_422_and_names_itself(house, field, value):
    reply = upload(house, house.key(scopes=["ingest", "admin"]), ("a.md", "words"), **{field: value})
    assert (reply.status_code, reply.json()["error"]["param"]) == (422, field)
    assert value not in reply.text
    assert not list(house.parts.jobs.place("x").parent.glob("*"))


@pytest.mark.parametrize("name", ["../../etc/passwd.md", "C:\\docs\\passwd.md", "/abs/passwd.md"])
def test_of_a_path_only_the_name_counts(house, name):
    headers = house.key()
    job = finished(house, headers, upload(house, headers, (name, "x y z")))
    assert [file["name"] for file in job["files"]] == ["passwd.md"]
    assert listed(house, headers) == ["upload:///passwd.md"]


def test_two_files_of_one_name_are_refused(house):
    reply = upload(house, house.key(), ("a.md", "x"), ("b/a.md", "y"))
    assert reply.status_code == 422


def test_a_listing_goes_page_by_page_through_what_the_caller_may_read(house):
    for number in range(5):
        house.add(f"{number}.md", f"text {number}", groups=["hr"] if number == 2 else [])
    house.add("foreign.md", "text", tenant="other")
    headers, seen, cursor = house.key(), [], ""
    while cursor is not None:
        page = house.client.get(f"{PATH}?limit=2{cursor and '&cursor=' + cursor}", headers=headers).json()
        assert len(page["documents"]) <= 2
        seen += [row["uri"] for row in page["documents"]]
        cursor = page["next"]
    assert seen == [f"file:///{number}.md" for number in (0, 1, 3, 4)]


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=%21%21", "cursor=abc"])
def test_a_bad_page_is_422(house, query):
    reply = house.client.get(f"{PATH}?{query}", headers=house.key())
    assert reply.status_code == 422
    assert query.partition("=")[0] in reply.text


def test_a_document_is_read_with_the_text_that_offsets_count(house):
    house.add("a.md", "alpha beta gamma")
    headers = house.key()
    hit = house.client.post("/v1/search", headers=headers, json={"query": "beta"}).json()["hits"][0]
    read = house.client.get(f"{PATH}/{hit['document_id']}", headers=headers).json()
    assert read["text"][hit["start"] : hit["end"]] == hit["text"]
    assert (read["uri"], read["groups"], read["chunks"]) == ("file:///a.md", [], 1)


def test_a_deleted_document_is_gone_everywhere(house):
    house.add("a.md", "alpha beta gamma")
    headers = house.key()
    found = document_id("default", "file:///a.md")
    assert house.client.delete(f"{PATH}/{found}", headers=headers).json()["deleted"] is True
    assert house.client.get(f"{PATH}/{found}", headers=headers).status_code == 404
    assert house.client.delete(f"{PATH}/{found}", headers=headers).status_code == 404
    assert house.client.post("/v1/search", headers=headers, json={"query": "beta"}).json() == {"hits": []}


def test_another_tenants_documents_and_jobs_do_not_exist(house):
    house.add("a.md", "alpha beta gamma")
    mine, theirs = house.key(), house.key(tenant="other", scopes=["chat", "ingest", "admin"])
    job = finished(house, mine, upload(house, mine, ("b.md", "alpha")))
    found = document_id("default", "file:///a.md")
    assert listed(house, theirs) == []
    assert house.client.get(f"{PATH}/{found}", headers=theirs).status_code == 404
    assert house.client.delete(f"{PATH}/{found}", headers=theirs).status_code == 404
    assert house.client.get(f"/v1/jobs/{job['id']}", headers=theirs).status_code == 404
    assert house.client.post("/v1/search", headers=theirs, json={"query": "alpha"}).json() == {"hits": []}


def test_what_is_missing_and_what_is_hidden_look_the_same(house):
    house.add("a.md", "alpha", groups=["hr"])
    hidden = house.client.get(f"{PATH}/{document_id('default', 'file:///a.md')}", headers=house.key())
    missing = house.client.get(f"{PATH}/{document_id('default', 'file:///b.md')}", headers=house.key())
    assert hidden.status_code == missing.status_code == 404
    assert hidden.json()["error"]["code"] == missing.json()["error"]["code"]
