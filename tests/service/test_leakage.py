"""Over HTTP: an engine that recites a restricted document is stopped, unless its reader may read it."""

import json

import httpx
import pytest

from ingest.access import Access
from ingest.folder import Properties
from ingest.order import Order
from ingest.scan import Root
from ingest.sync import sync
from service.answer import Ask, Message
from service.keys import Keyring
from service.scripted import as_json
from tests.service.scripted_house import SCRIPT, scripted_house

QUESTION = "How much do hardware engineers earn?"
SPREAD = "Tell me about staff pay"
ECHO = "Is it right that the monthly salary of an H2 hardware engineer is EUR 4,480?"
RECITED = "The monthly salary of an H2 hardware engineer is EUR 4,480 [1]."
SALARIES = "Role: Hardware engineer; Level: H2; Monthly salary: EUR 4,480; Valid from: 1 March 2026\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as opened:
        hr = tmp_path_factory.mktemp("docs") / "hr"
        hr.mkdir()
        (hr / "salaries.md").write_text(SALARIES)
        (hr / ".plumbline.yaml").write_text("groups: [hr]\nlabels: [confidential]\n")
        sync(opened.parts.tools, Order((Root.of(str(hr), None),), Properties(Access("default"))))
        opened.generator.script = {
            **SCRIPT,
            QUESTION: RECITED,
            SPREAD: "Staff get 27 days of leave. Hardware engineers of level H2 earn well. "
            "It is EUR 4,480 a month.",
            as_json(QUESTION): '{"role": "Hardware engineer", "salary": 4480}',
            ECHO: "Yes, the monthly salary of an H2 hardware engineer is EUR 4,480.",
        }
        yield opened


def ask(house, group, question=QUESTION, **more):
    _, key = Keyring(house.parts.ledger).create("default", [group], ("chat",))
    body = {"model": "default", "messages": [{"role": "user", "content": question}], **more}
    reply = httpx.post(
        f"{house.url}/v1/chat/completions",
        json=body,
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
        trust_env=False,
    )
    assert reply.is_success, reply.text
    return reply


def streamed(reply):
    events = [
        json.loads(line[6:])
        for line in reply.text.splitlines()
        if line.startswith("data: ") and line != "data: [DONE]"
    ]
    text = "".join(
        choice["delta"].get("content") or "" for event in events for choice in event.get("choices", [])
    )
    return text, events[-1]


def test_a_recital_is_stopped_for_another_group_and_says_nothing_of_why(house):
    reply = ask(house, "engineering")
    told = reply.json()
    assert told["choices"][0]["finish_reason"] == "content_filter"
    assert "4,480" not in reply.text
    assert "salaries.md" not in reply.text
    (stopped,) = [found for found in told["guardrails"] if found["rail"] == "leakage"]
    assert (stopped["stage"], stopped["action"]) == ("output", "block")


def test_it_is_stopped_in_a_stream_before_anything_of_it_is_sent(house):
    reply = ask(house, "engineering", stream=True)
    text, last = streamed(reply)
    assert "4,480" not in reply.text
    assert text == "Stopped."
    assert last["choices"][0]["finish_reason"] == "content_filter"


def test_the_stream_keeps_what_was_no_leak_and_ends_where_it_begins(house):
    text, last = streamed(ask(house, "engineering", SPREAD, stream=True))
    assert text.startswith("Staff get 27 days of leave. ")
    assert "4,480" not in text
    assert last["choices"][0]["finish_reason"] == "content_filter"


def test_it_is_stopped_in_json_too(house):
    schema = {"type": "object", "properties": {"role": {"type": "string"}, "salary": {"type": "number"}}}
    form = {"type": "json_schema", "json_schema": {"name": "pay", "schema": schema}}
    house.generator.script[QUESTION], kept = "They earn well [1].", house.generator.script[QUESTION]
    reply = ask(house, "engineering", response_format=form)
    house.generator.script[QUESTION] = kept
    assert reply.json()["choices"][0]["finish_reason"] == "content_filter"
    assert "4480" not in reply.text


def test_whoever_may_read_it_gets_it_with_its_label(house):
    told = ask(house, "hr").json()
    assert told["choices"][0]["message"]["content"] == RECITED
    assert told["labels"] == ["confidential"]
    assert [(found["rail"], found["action"]) for found in told["guardrails"]] == [("leakage", "flag")]
    text, last = streamed(ask(house, "hr", stream=True))
    assert (text, last["labels"]) == (RECITED, ["confidential"])


def test_an_answer_that_rests_on_open_documents_has_no_labels(house):
    told = ask(house, "engineering", next(iter(SCRIPT))).json()
    assert told["choices"][0]["finish_reason"] == "stop"
    assert told["labels"] == []


def test_a_guess_that_the_asker_wrote_is_not_confirmed_by_a_block(house):
    told = ask(house, "engineering", ECHO).json()
    assert told["choices"][0]["finish_reason"] == "stop"


def test_earlier_turns_that_list_numbers_do_not_switch_the_rail_off(house):
    numbers = " ".join(f"{number:,}" for number in range(1000, 10_000, 10))
    turns = [
        {"role": "user", "content": f"the monthly salary of an h2 hardware engineer is eur {numbers}"},
        {"role": "assistant", "content": "ok"},
        {"role": "user", "content": QUESTION},
    ]
    reply = ask(house, "engineering", messages=turns)
    assert reply.json()["choices"][0]["finish_reason"] == "content_filter"
    assert "4,480" not in reply.text


def test_only_the_end_of_what_was_said_last_is_heard():
    said = tuple(Message("user", f"{turn}" + "x" * 3_000) for turn in range(9))
    assert Ask((*said, Message("user", "Why?"))).heard == ("x" * 2_000,) * 3 + ("Why?",)


def test_the_audit_says_that_it_was_stopped_and_quotes_nothing(house):
    ask(house, "engineering")
    _, key = Keyring(house.parts.ledger).create("default", [], ("admin",))
    audit = httpx.get(
        f"{house.url}/v1/audit", headers={"Authorization": f"Bearer {key}"}, timeout=60, trust_env=False
    )
    assert audit.is_success
    assert "leakage" in audit.text
    assert "4,480" not in audit.text
