"""An evaluation's questions leave nothing behind but their marked records, and tell what was shown."""

import asyncio

import pytest
from sqlalchemy import func, select

from ingest.memory import MemoryStore
from service.answer import Answer, Ask, Message
from service.audit import Audit
from service.completions import Chunks, completion
from service.split import Split
from service.tables import answers, audit, samples, turns
from service.telemetry import Metrics
from tests.postgres import BOTH
from tests.service.desk import ANNA, LEAVE, Desk

pytestmark = BOTH

PATH = "/v1/chat/completions"
MARK = {"X-Plumbline-Evaluation": "run-1"}
ASK = {"messages": [{"role": "user", "content": "How many days?"}]}


@pytest.fixture
def desk(settings, ledger):
    """Answers wait here to be rated."""
    made = Desk(settings.folder, ledger, lambda *_: MemoryStore(), wait=24)
    made.put("leave.txt", "Employees get 27 days of paid leave. The secret is elsewhere.")
    yield made
    made.close()


def evaluate(desk, question=LEAVE, conversation_id=None):
    """The answer to a question of the run `run-1`."""
    asked = Ask((Message("user", question),), conversation_id=conversation_id).marked("run-1")

    async def collect():
        return [event async for event in desk.pipeline.answer(ANNA, asked)]

    return asyncio.run(collect())[-1]


def rows(ledger, *tables):
    with ledger.transaction() as connection:
        return [connection.scalar(select(func.count()).select_from(table)) for table in tables]


def test_nothing_of_it_is_remembered_kept_or_cached_and_no_cache_is_asked(desk, ledger):
    asked = desk.ask(conversation_id="c-1")
    before, told = rows(ledger, turns, samples), list(desk.told)
    for _ in range(2):
        evaluated = evaluate(desk, conversation_id="c-1")
        assert (evaluated.text, evaluated.repeats) == (asked.text, None)
    assert (before, rows(ledger, turns, samples)) == ([1, 1], [1, 1])
    assert desk.told == told
    desk.put("more.txt", "Unrelated: the cache forgets.")
    evaluate(desk)
    assert desk.ask().repeats is None


def test_it_reads_no_conversation_that_people_had(desk):
    desk.ask(conversation_id="c-1")
    evaluate(desk, "Why is that?", "c-1")
    assert desk.generator.prompts[-1].endswith("Question: Why is that?")


def test_its_answers_and_decisions_are_on_record_under_the_runs_name(desk, ledger):
    desk.ask("an attack")
    evaluate(desk, "an attack")
    with ledger.transaction() as connection:
        for table in (answers, audit):
            assert sorted(connection.scalars(select(table.c.evaluation))) == ["", "run-1"]
    assert [entry["evaluation"] for entry in Audit(ledger.transaction).page(ANNA).entries] == ["run-1", ""]


def test_it_tells_what_the_model_was_shown_rails_and_all(desk):
    asked, evaluated = desk.ask(), evaluate(desk)
    assert asked.exhibits == ()
    (exhibit,) = completion(evaluated, None)["context"]
    assert set(exhibit) == {"chunk_id", "document_id", "uri", "title", "text", "start", "end", "page"}
    assert (exhibit["uri"], exhibit["title"]) == ("file:///leave.txt", "leave.txt")
    assert exhibit["text"].startswith("Employees get 27 days of paid leave. The ***")
    assert exhibit["chunk_id"] == evaluated.citations[0].chunk_id
    (last,) = Chunks("x", "default", include_usage=False).last(evaluated, None)
    assert last["context"] == [exhibit]
    assert "context" not in completion(asked, None)


def test_it_has_no_part_in_a_comparison_of_adapters(desk):
    registry = desk.pipeline._adapters  # noqa: SLF001  # one that compares, in the place of the desk's
    registry.compare(Split("other", 1.0))
    assert evaluate(desk).arm == ""
    assert desk.ask().arm == "candidate"


def test_it_is_counted_apart():
    metrics = Metrics()
    before = [
        line for line in metrics.exposition().splitlines() if b"plumbline_" in line and b"#" not in line
    ]
    metrics.answered(Answer("a-1", "qa-1", "Thirty.", "stop", grounded=0.9, evaluation="run-1"))
    after = metrics.exposition().splitlines()
    assert b'plumbline_evaluation_answers_total{finish_reason="stop",refused="false"} 1.0' in after
    assert {line for line in before if not line.startswith(b"plumbline_evaluation")} <= set(after)


@pytest.mark.parametrize(
    ("scopes", "headers", "status"),
    [
        (["chat"], {}, 200),
        (["chat"], MARK, 403),
        (["eval"], {}, 403),
        (["eval"], MARK, 200),
        (["chat", "eval"], MARK, 200),
        (["eval"], {"X-Plumbline-Evaluation": "a name; with much in it"}, 400),
        (["eval"], {"X-Plumbline-Evaluation": "x" * 101}, 400),
        (["eval"], {"X-Plumbline-Evaluation": ""}, 400),
    ],
)
@pytest.mark.parametrize("path", [PATH, "/v1/responses"])
def test_only_the_scope_eval_may_mark_a_question(house, path, scopes, headers, status):
    body = ASK if path == PATH else {"input": "How many days?"}
    reply = house.client.post(path, headers=house.key(scopes=scopes) | headers, json=body)
    assert reply.status_code == status
    assert ("context" in reply.json()) == (status == 200 and headers == MARK)


@pytest.mark.parametrize("stream", [False, True])
def test_a_marked_request_names_no_conversation(house, stream):
    body = ASK | {"conversation_id": "c-1", "stream": stream}
    reply = house.client.post(PATH, headers=house.key(scopes=["eval"]) | MARK, json=body)
    (_, asked), *_ = house.pipeline.asked
    assert (asked.evaluation, asked.conversation_id, asked.store) == ("run-1", None, False)
    assert '"conversation_id": null' in reply.text or '"conversation_id":null' in reply.text
    assert asked.messages == (Message("user", "How many days?"),)
