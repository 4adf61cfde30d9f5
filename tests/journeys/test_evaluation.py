"""An evaluation over real HTTP: stopped, gone on with, scored; and the server is as it was before."""

import json
import signal
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select

from eval.audience import audiences
from eval.dataset import Question, Turn, write_dataset
from eval.errors import NoKey, TargetFault
from eval.metrics.table import metrics
from eval.run import Order, Stages, evaluate
from eval.scoring import score
from eval.wiring import Place, reached
from ingest.lock import claim
from service.keys import Keyring
from service.tables import answers, audit, samples, turns
from tests.service.scripted_house import ATTACK, BREAKS, LEAVE, UNKNOWN, scripted_house

HERE = Place()
WHO = {"groups": ("staff",)}
QUESTIONS = [
    Question(id="leave", question=LEAVE, answers=("27 days",), documents=("leave.md",), **WHO),
    Question(id="unknown", question=UNKNOWN, answerable=False, kind="unanswerable", **WHO),
    Question(id="attack", question=ATTACK, answerable=False, kind="attack", **WHO),
    Question(id="all", question=LEAVE, answers=("27 days",), documents=("leave.md",)),
    Question(
        id="follow-up",
        question="How many?",
        history=(Turn(role="user", content=LEAVE), Turn(role="assistant", content="27 days [1].")),
        kind="follow_up",
        **WHO,
    ),
    *(
        Question(id=f"more-{n}", question=UNKNOWN, answerable=False, kind="unanswerable", **WHO)
        for n in range(9)
    ),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A server that holds its data folder, as `python -m service serve` does."""
    with (
        scripted_house(tmp_path_factory.mktemp("house")) as running,
        claim(running.parts.settings.folder) as held,
    ):
        held.serve(running.url)
        yield running


@pytest.fixture
def here(house, monkeypatch):
    """The command line works on the server's data folder."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(house.parts.settings.home))
    return house


def carry_out(folder, place=HERE, questions=QUESTIONS, watch=lambda *_: None):
    dataset = folder / "set.jsonl"
    write_dataset(dataset, questions)
    target = partial(reached, place, audiences(questions))
    stages = Stages(target, lambda outcomes: score(outcomes, metrics()), lambda _: None, watch)
    return evaluate(Order(dataset, folder / "run", 2), stages)


@pytest.fixture(autouse=True)
def interrupts():
    """Python's own: a shell lets what it starts in the background ignore them, this process too."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def rows(folder):
    return [json.loads(line) for line in (folder / "run" / "rows.jsonl").read_text().splitlines()]


def kept(house, table):
    with house.parts.ledger.transaction() as connection:
        return connection.scalar(select(func.count()).select_from(table))


def test_a_run_is_stopped_gone_on_with_and_done(here, tmp_path):
    def watch(stage, done, _):
        if (stage, done) == ("asking", 4):
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        carry_out(tmp_path, watch=watch)
    before = len(here.generator.prompts)
    known = {row["id"] for row in rows(tmp_path)}
    assert 4 <= len(known) < len(QUESTIONS)
    finished = carry_out(tmp_path)
    assert finished.failed == ()
    assert len(here.generator.prompts) - before <= len(QUESTIONS) - len(known)
    done = {row["id"]: row for row in rows(tmp_path)}
    assert list(done) == [question.id for question in QUESTIONS]
    assert [done["leave"]["scores"][name] for name in ("answer_f1", "citation_verbatim")] == [
        pytest.approx(4 / 9),
        1.0,
    ]
    assert done["leave"]["citations"][0]["verbatim"] is True
    assert done["leave"]["retrieved"][0]["uri"] == done["leave"]["shown"][0]["uri"]
    assert 0 < done["leave"]["first_token_ms"] <= done["leave"]["total_ms"]
    assert (done["unknown"]["refused"], done["attack"]["finish_reason"]) == (True, "content_filter")
    figures = json.loads((tmp_path / "run" / "metrics.json").read_text())
    assert figures["metrics"]["block_rate"]["value"] == 1.0
    assert figures["run"]["fingerprint"]["adapter"] == "qa-1"
    assert figures["breakdown"]["kind"]["follow_up"]


def test_the_server_remembers_nothing_and_its_records_and_figures_tell_the_run(here, tmp_path):
    asked = httpx.get(f"{here.url}/metrics").text
    count = kept(here, answers)
    finished = carry_out(tmp_path)
    assert kept(here, turns) == kept(here, samples) == 0
    with here.parts.ledger.transaction() as connection:
        for table in (answers, audit):
            named = connection.scalars(select(table.c.evaluation)).all()
            assert finished.run.id in named
            assert "" not in named
    assert kept(here, answers) == count + len(QUESTIONS)
    figures = httpx.get(f"{here.url}/metrics").text
    assert "plumbline_evaluation_answers_total{" in figures
    for name in (
        "plumbline_answers_total",
        "plumbline_first_token_seconds",
        "plumbline_tokens",
        "plumbline_decisions",
    ):
        assert told(figures, name) == told(asked, name)


def told(exposition, name):
    return [line for line in exposition.splitlines() if line.startswith(name) and "_created" not in line]


def test_the_keys_that_a_run_made_end_with_it(here, tmp_path):
    carry_out(tmp_path)
    made = [record for record in Keyring(here.parts.ledger).list() if record.subject == "evaluation"]
    assert {(record.groups, record.scopes) for record in made} == {
        (("staff",), ("chat", "eval")),
        ((), ("chat", "eval")),
    }
    assert all(record.revoked_at and record.expires_at for record in made)


def test_a_question_that_fails_is_the_runs_only_fault(here, tmp_path):
    broken = Question(id="broken", question=BREAKS, answers=("yes",), **WHO)
    finished = carry_out(tmp_path, questions=[*QUESTIONS[:2], broken])
    assert [(each.question.id, each.error) for each in finished.failed] == [
        ("broken", "status 503: the scripted engine broke down; ask again")
    ]
    assert finished.scored.failures["answer_f1"] == 1


def test_another_machines_server_is_asked_with_the_keys_that_are_given(house, tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "elsewhere"))
    _, key = Keyring(house.parts.ledger).create("default", ["staff"], ("chat", "eval"))
    mine = QUESTIONS[:2]
    assert not carry_out(tmp_path / "a", Place(url=house.url, key=key), mine).failed
    with pytest.raises(NoKey, match="no key to ask as default; default:staff"):
        carry_out(tmp_path / "b", Place(url=house.url, key=key))
    with pytest.raises(NoKey, match="is not the server of"):
        carry_out(tmp_path / "c", Place(url=house.url), mine)
    other = [question.model_copy(update={"groups": ("hr",)}) for question in mine]
    with pytest.raises(NoKey, match="asks as default:hr is answered as default:staff"):
        carry_out(tmp_path / "d", Place(url=house.url, key=key), other)
    _, chat = Keyring(house.parts.ledger).create("default", ["staff"], ("chat",))
    with pytest.raises(TargetFault, match="403"):
        carry_out(tmp_path / "e", Place(url=house.url, key=chat), mine)
    assert not (tmp_path / "e" / "run" / "rows.jsonl").exists()
