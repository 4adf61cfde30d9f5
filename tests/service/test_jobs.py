"""Uploads survive a server that is stopped or killed, and one that breaks is told, not lost."""

from collections.abc import Callable

import pytest

from ingest.access import Principal
from ingest.errors import StoreFault
from ingest.order import Tools
from service.errors import NotReady
from service.jobs import Jobs, Stop, uri
from service.ledger import Ledger
from service.records import FileRecord, JobRecord
from service.settings import ServiceSettings
from service.uploads import Upload
from tests.postgres import BOTH

pytestmark = BOTH

ANNA = Principal("default", "anna", frozenset({"hr"}))


@pytest.fixture
def make_jobs(ledger: Ledger, tools: Tools, settings: ServiceSettings) -> Callable[[], tuple[Jobs, Stop]]:
    def make() -> tuple[Jobs, Stop]:
        stop = Stop()
        return Jobs(ledger, tools, settings.folder, stop), stop

    return make


def submit(jobs: Jobs, **texts: str) -> JobRecord:
    place = jobs.place("job-1")
    place.mkdir(parents=True)
    for name, text in texts.items():
        (place / f"{name}.md").write_text(text)
    return jobs.submit(ANNA, "job-1", Upload(tuple(f"{name}.md" for name in texts), frozenset()))


def run(jobs: Jobs) -> None:
    """Work on what is queued, then end."""
    jobs.start()
    jobs.close()


def test_what_a_killed_server_left_is_done_by_the_next(make_jobs, ledger: Ledger, tools: Tools):
    killed, _ = make_jobs()
    submit(killed, a="alpha beta")
    ledger.advance_job("job-1", "running", (FileRecord("a.md", "running"),))
    run(make_jobs()[0])
    assert ledger.job(ANNA, "job-1").state == "done"
    assert [found.uri for found in tools.library.search(ANNA, "beta")] == ["upload:///a.md"]


def test_servers_that_share_a_ledger_leave_each_others_jobs_alone(
    make_jobs, ledger: Ledger, tools: Tools, tmp_path
):
    theirs, _ = make_jobs()
    submit(theirs, a="alpha")
    run(Jobs(ledger, tools, tmp_path / "another-home", Stop()))
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
