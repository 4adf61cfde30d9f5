"""The shape of responses and of their events."""

import pytest

from service.answer import Answer, Delta, Usage
from service.problems import UNEXPECTED
from service.responses import Response, ResponseEvents

ECHO = {"temperature": 0.0}


def events(deltas, answer, formed=False):
    shown = ResponseEvents(Response("n", "default", ECHO, formed=formed))
    sent = shown.opening()
    for delta in deltas:
        sent += shown.text(delta)
    return [*sent, *shown.closing(answer, None)]


def test_what_begins_ends_in_the_reverse_order_and_the_events_are_numbered():
    answer = Answer("ans-1", "qa-1", "27 days", "stop", usage=Usage(7, 3))
    sent = events([Delta("27 "), Delta("days")], answer)
    assert [event["type"].removeprefix("response.") for event in sent] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event["sequence_number"] for event in sent] == list(range(10))
    assert sent[6]["text"] == "".join(event["delta"] for event in sent[4:6]) == "27 days"
    assert sent[-1]["response"]["usage"]["total_tokens"] == 10
    assert len({event["item_id"] for event in sent if "item_id" in event}) == 1


@pytest.mark.parametrize(
    ("finish", "status", "reason"),
    [
        ("stop", "completed", None),
        ("length", "incomplete", {"reason": "max_output_tokens"}),
        ("content_filter", "incomplete", {"reason": "content_filter"}),
    ],
)
def test_a_response_says_why_it_ended(finish, status, reason):
    told = Response("n", "default", ECHO, formed=False).finished(Answer("a", "m", "x", finish), "c-1")
    assert (told["status"], told["incomplete_details"]) == (status, reason)
    assert (told["output"][0]["status"], told["conversation_id"], told["model"]) == (status, "c-1", "m")


def test_a_refusal_in_the_place_of_json_is_a_part_of_its_own_kind():
    answer = Answer("a", "m", "I don't know", "stop", refused=True)
    sent = events([Delta("I don't know", refusing=True)], answer, formed=True)
    assert [event["type"] for event in sent[3:6]] == [
        "response.content_part.added",
        "response.refusal.delta",
        "response.refusal.done",
    ]
    assert sent[-1]["response"]["output"][0]["content"] == [{"type": "refusal", "refusal": "I don't know"}]
    plain = events([Delta("I don't know", refusing=True)], answer)
    assert plain[-1]["response"]["output"][0]["content"][0]["type"] == "output_text"


def test_an_answer_without_a_word_has_no_parts():
    sent = events([], Answer("a", "m", "", "length"), formed=True)
    assert not [event for event in sent if "content_index" in event]
    assert sent[-1]["type"] == "response.incomplete"
    assert sent[-1]["response"]["output"][0]["content"] == []


def test_a_response_that_breaks_off_says_so_in_its_last_event():
    shown = ResponseEvents(Response("n", "default", ECHO, formed=False))
    opened = shown.opening()
    (failed,) = shown.failed(UNEXPECTED)
    assert (failed["type"], failed["sequence_number"]) == ("response.failed", len(opened))
    assert failed["response"]["status"] == "failed"
    assert failed["response"]["error"] == {"code": "server_error", "message": UNEXPECTED.message}
