"""Uploads survive a server that is stopped or killed, and one that breaks is told, not lost."""

import time
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import pytest

from ingest.access import Principal
from ingest.documents import Extract
from ingest.errors import EncryptedFile, StoreFault, UnsupportedFile
from ingest.load import Loaded, Part, Rejected
from ingest.order import Tools
from service.errors import NotReady, RateLimited, TooLarge
from service.job_replies import JobSummary
from service.jobs import Jobs, Stop, uri
from service.ledger import Ledger
from service.records import FileRecord, JobRecord
from service.settings import ServiceSettings
from service.spool import Spool
from service.telemetry import Metrics
from service.uploads import Upload
from tests.postgres import BOTH

pytestmark = BOTH

ANNA = Principal("default", "anna", frozenset({"hr"}))


@pytest.fixture
def make_jobs(ledger: Ledger, tools: Tools, settings: ServiceSettings) -> Callable[[], tuple[Jobs, Stop]]:
    def make() -> tuple[Jobs, Stop]:
        stop = Stop()
        return Jobs(ledger, tools, Spool(settings.folder, 10_000), stop, Metrics()), stop

    return make


def submit(jobs: Jobs, **texts: str) -> JobRecord:
    place = jobs.place("job-1")
    place.mkdir(parents=True)
    for name, text in texts.items():
        (place / f"{name}.md").write_text(text)
    return jobs.submit(ANNA, "job-1", Upload({f"{name}.md": len(text) for name, text in texts.items()}))


def run(jobs: Jobs) -> None:
    """Work on what is queued, then end."""
    jobs.start()
    jobs.close()


def test_what_a_killed_server_left_is_done_by_the_next(make_jobs, ledger: Ledger, tools: Tools):
    killed, _ = make_jobs()
    job = submit(killed, a="alpha beta")
    ledger.begin_job(replace(job, state="running", files=(FileRecord("a.md", "running"),)))
    run(make_jobs()[0])
    assert ledger.job(ANNA, "job-1").state == "done"
    assert [found.uri for found in tools.library.search(ANNA, "beta")] == ["upload:///a.md"]


def test_servers_that_share_a_ledger_leave_each_others_jobs_alone(
    make_jobs, ledger: Ledger, tools: Tools, tmp_path
):
    theirs, _ = make_jobs()
    submit(theirs, a="alpha")
    run(Jobs(ledger, tools, Spool(tmp_path / "another-home", 10_000), Stop(), Metrics()))
    assert ledger.job(ANNA, "job-1").state == "queued"
    assert theirs.place("job-1").is_dir()
    run(make_jobs()[0])
    assert ledger.job(ANNA, "job-1").state == "done"


def test_what_belongs_to_no_job_is_removed(make_jobs):
    jobs, _ = make_jobs()
    jobs.place("job-orphan").mkdir(parents=True)
    run(jobs)
    assert not jobs.place("job-orphan").exists()


def test_a_job_whose_files_are_gone_fails_file_by_file(make_jobs, ledger: Ledger):
    submit(make_jobs()[0], a="alpha", b="beta")
    jobs, _ = make_jobs()
    (jobs.place("job-1") / "a.md").unlink()
    run(jobs)
    assert [file.state for file in ledger.job(ANNA, "job-1").files] == ["failed", "done"]


def test_a_server_that_stops_puts_its_job_back(make_jobs, ledger: Ledger, monkeypatch, tools: Tools):
    submit(make_jobs()[0], a="alpha", b="beta")
    jobs, stop = make_jobs()
    load = tools.loader.load
    monkeypatch.setattr(tools.loader, "load", lambda *given: stop.set() or load(*given), raising=False)
    run(jobs)
    assert ledger.job(ANNA, "job-1").state == "queued"
    monkeypatch.undo()
    run(make_jobs()[0])
    assert [file.state for file in ledger.job(ANNA, "job-1").files] == ["done", "done"]


@pytest.mark.parametrize(
    ("error", "told"),
    [(StoreFault("the store is full", "free some"), "the store is full"), (KeyError("secret"), "log")],
)
def test_a_job_that_breaks_is_failed_and_the_next_one_runs(
    make_jobs, ledger, monkeypatch, tools, error, told
):
    def fail(*_given: object) -> None:
        raise error

    submit(make_jobs()[0], a="alpha")
    jobs, _ = make_jobs()
    with monkeypatch.context() as patch:
        patch.setattr(tools.library, "check_embedder", fail)
        run(jobs)
    job = ledger.job(ANNA, "job-1")
    assert (job.state, job.files[0].state) == ("failed", "failed")
    assert told in job.files[0].error
    assert "secret" not in job.files[0].error


class Watched:
    """A loader that does something when it reads a text that holds a word, then goes on."""

    def __init__(self, loader, word, act):
        self._loader, self._word, self._act = loader, word, act

    def load(self, data, name):
        if self._word in data.decode():
            self._act()
        return self._loader.load(data, name)


def one_by_one(tools: Tools, **changed) -> Tools:
    """Files are read, embedded and published one after the other."""
    return replace(tools, readers=1, batch=1, **changed)


@pytest.fixture
def work(ledger, settings):
    """Runs job-1 with other tools; gives how it ended."""

    def run_with(tools, stop=None):
        spool = Spool(settings.folder, 10_000)
        run(Jobs(ledger, tools, spool, stop or Stop(), Metrics()))
        return ledger.job(ANNA, "job-1")

    return run_with


def eventually(condition) -> bool:
    """Whether it comes true within ten seconds."""
    return any(condition() or time.sleep(0.02) for _ in range(500))


def test_outcomes_are_told_while_the_job_runs(make_jobs, ledger: Ledger, tools: Tools, work):
    submit(make_jobs()[0], a="alpha", b="beta WAIT")
    told = []

    def look():
        seen = lambda: [file.state for file in ledger.job(ANNA, "job-1").files]  # noqa: E731  # twice below
        told.append(eventually(lambda: seen() == ["done", "running"]))

    assert work(one_by_one(tools, loader=Watched(tools.loader, "WAIT", look))).state == "done"
    assert told == [True]


class Archive:
    """A loader of archives whose members are lines: `name text`, or `name !` and what is wrong with it."""

    faults = MappingProxyType(
        {"!password": EncryptedFile("needs a password"), "!kind": UnsupportedFile("no kind")}
    )

    def load(self, data, _name):
        members = dict(line.split(" ", 1) for line in data.decode().splitlines())
        parts = (Part(name, Extract(name, text)) for name, text in members.items() if text not in self.faults)
        faults = (Rejected(name, self.faults[text]) for name, text in members.items() if text in self.faults)
        return Loaded(tuple(parts), tuple(faults))


@pytest.mark.parametrize(
    ("members", "outcome"),
    [
        ("one alpha\ntwo beta", ("done", None)),
        ("one alpha\ntwo !password", ("done", "two: needs a password")),
        ("one alpha\ntwo !kind", ("done", "two: no kind")),
        ("one !password", ("failed", "one: needs a password")),
        ("one !password\ntwo !kind", ("failed", "one: needs a password; two: no kind")),
        ("one !kind", ("skipped", "one: no kind")),
    ],
)
def test_an_archive_is_done_if_any_member_is_and_tells_what_is_wrong_with_the_others(
    make_jobs, ledger, tools, work, members, outcome
):
    submit(make_jobs()[0], a=members)
    job = work(one_by_one(tools, loader=Archive()))
    [file] = job.files
    assert (job.state, file.state, file.error) == ("done", *outcome)
    assert file.document_id is None
    assert JobSummary.of(job).failed == (file.state == "failed")


def test_a_running_job_that_is_cancelled_keeps_what_is_done_and_ends(make_jobs, ledger, tools, work):
    jobs, _ = make_jobs()
    submit(jobs, a="alpha", b="beta WAIT", c="gamma", d="delta")

    def cancel():
        assert eventually(lambda: ledger.job(ANNA, "job-1").files[0].state == "done")
        assert jobs.cancel(ANNA, "job-1").state == "running"
        time.sleep(1)  # the sync looks twice a second

    ended = work(one_by_one(tools, loader=Watched(tools.loader, "WAIT", cancel)))
    states = [file.state for file in ended.files]
    assert (ended.state, states[0], states[3]) == ("cancelled", "done", "cancelled")
    assert ended.finished_at is not None
    assert not jobs.place("job-1").exists()
    published = {record.uri for record in tools.library.documents(ANNA).records}
    assert published == {f"upload:///{file.name}" for file in ended.files if file.state == "done"}


def test_a_waiting_job_that_is_cancelled_is_gone_at_once_and_never_run(make_jobs, ledger, tools, work):
    jobs, _ = make_jobs()
    submit(jobs, a="alpha")
    assert jobs.cancel(ANNA, "job-1").state == "cancelled"
    assert not jobs.place("job-1").exists()
    run(jobs)
    assert work(tools).files[0].state == "cancelled"
    assert not tools.library.documents(ANNA).records


def test_what_was_done_before_a_server_was_killed_stays_done_and_only_the_rest_is_read(
    make_jobs, ledger, tools, work
):
    job = submit(make_jobs()[0], a="alpha", b="beta")
    done = replace(job.files[0], state="done", document_id="d-1", chunks=1)
    ledger.begin_job(replace(job, state="running", files=(done, replace(job.files[1], state="running"))))
    read = []
    loader = Watched(tools.loader, "", lambda: read.append(1))
    ended = work(one_by_one(tools, loader=loader))
    assert (ended.state, ended.files[0], ended.files[1].state) == ("done", done, "done")
    assert len(read) == 1


def test_a_job_that_fails_midway_tells_of_each_file_what_happened(
    make_jobs, ledger, tools, work, monkeypatch
):
    submit(make_jobs()[0], a="alpha", b="beta", c="gamma")
    publish, published = tools.library.publish, []

    def full(editions, *given):
        if published:
            raise StoreFault("no room left on the disk", "make some")
        published.extend(editions)
        return publish(editions, *given)

    monkeypatch.setattr(tools.library, "publish", full)
    ended = work(one_by_one(tools))
    why = "no room left on the disk: make some"
    assert ended.state == "failed"
    assert [(file.state, file.error) for file in ended.files] == [
        ("done", None),
        ("failed", why),
        ("failed", why),
    ]


def test_a_tenants_uploads_may_fill_its_part_of_the_disk_and_no_more(tmp_path):
    spool = Spool(tmp_path, 100)
    spool.take("acme", "job-1", 60)
    with pytest.raises(RateLimited, match="GET /v1/jobs") as caught:
        spool.take("acme", "job-2", 50)
    assert caught.value.headers["Retry-After"]
    spool.take("other", "job-3", 100)
    with pytest.raises(TooLarge, match="in several"):
        spool.take("other", "job-4", 101)
    spool.remove("job-1")
    spool.take("acme", "job-2", 50)


def test_what_a_killed_server_received_still_counts(tmp_path):
    killed = Spool(tmp_path, 100)
    for name in ("job-1", "job-2"):
        killed.place(name).mkdir(parents=True)
        (killed.place(name) / "a.md").write_bytes(b"x" * 60)
    spool = Spool(tmp_path, 100)
    spool.resume({"job-1": "acme"})
    assert not spool.place("job-2").exists()
    with pytest.raises(RateLimited):
        spool.take("acme", "job-3", 50)


def test_stopping_is_noticed_between_two_files():
    stop = Stop()
    stop.check(1, 2)
    stop.set()
    with pytest.raises(NotReady, match="stopping"):
        stop.check(1, 2)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ((), "upload:///a b.md"),
        (("hr",), "upload://hr/a b.md"),
        (("a/b", "c+d"), "upload://a%2Fb+c%2Bd/a b.md"),
    ],
)
def test_an_uploads_uri_tells_its_groups(groups: tuple[str, ...], expected: str):
    job = JobRecord("job-1", "default", "anna", groups, "queued", (), "")
    assert uri(job, "a b.md") == expected
