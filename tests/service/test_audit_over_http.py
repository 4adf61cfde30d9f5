"""Over HTTP, to the end: what the rails decide and fail to decide is on record, counted and logged."""

import json
from datetime import UTC, datetime

import httpx
import pytest

from service.telemetry import configure_logging
from tests.service.scripted_house import ATTACK, FAULT, WATCHED, scripted_house


@pytest.fixture
def house(tmp_path):
    with scripted_house(tmp_path) as running:
        yield running


def ask(house, question):
    told = httpx.post(
        f"{house.url}/v1/chat/completions",
        headers={"Authorization": f"Bearer {house.key('chat')}"},
        json={"messages": [{"role": "user", "content": question}]},
        timeout=60,
    )
    return told.json()


def audit(house, **wanted):
    headers = {"Authorization": f"Bearer {house.key('admin')}"}
    return httpx.get(f"{house.url}/v1/audit", params=wanted, headers=headers, timeout=60)


def figures(house):
    lines = httpx.get(f"{house.url}/metrics", timeout=60).text.splitlines()
    return {
        name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")
    }


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_rail_that_fails_stops_the_question_and_is_seen_in_audit_figures_and_log(house, capsys):
    configure_logging()
    told = ask(house, FAULT)
    assert told["choices"][0]["finish_reason"] == "content_filter"
    assert told["choices"][0]["message"]["content"] == "Stopped."
    (entry,) = audit(house).json()["entries"]
    assert (entry["rail"], entry["label"], entry["action"]) == ("injection", "failed", "block")
    assert "ZeroDivisionError" in entry["reason"]
    assert FAULT not in json.dumps(entry)
    assert figures(house)['plumbline_rail_failures_total{rail="injection",stage="input"}'] == 1
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines() if "rail failed" in line]
    assert [(line["rail"], line["stage"], line["level"]) for line in lines] == [
        ("injection", "input", "error")
    ]
    assert "ZeroDivisionError" in lines[0]["reason"]
    assert FAULT not in json.dumps(lines)


def test_what_is_in_shadow_is_on_record_and_no_caller_hears_of_it(house):
    told = ask(house, WATCHED)
    assert told["choices"][0]["finish_reason"] != "content_filter"
    assert "secrets" not in json.dumps(told["guardrails"])
    entries = audit(house, rail="secrets").json()["entries"]
    assert [(each["action"], each["shadow"]) for each in entries] == [("block", True)]
    shadow = 'plumbline_decisions_total{action="block",rail="secrets",shadow="true",stage="input"}'
    assert figures(house)[shadow] == 1


def test_an_administrator_finds_decisions_by_what_they_are(house):
    ask(house, ATTACK)
    ask(house, WATCHED)
    year = datetime.now(UTC).year
    for wanted, rails in (
        ({}, ["secrets", "injection"]),
        ({"rail": "injection"}, ["injection"]),
        ({"shadow": "true"}, ["secrets"]),
        ({"action": "block", "stage": "input", "shadow": "false"}, ["injection"]),
        ({"since": f"{year - 1}-01-01"}, ["secrets", "injection"]),
        ({"since": f"{year + 1}-01-01T00:00:00+02:00"}, []),
        ({"until": f"{year - 1}-01-01T00:00:00Z"}, []),
    ):
        entries = audit(house, **wanted).json()["entries"]
        assert (wanted, [each["rail"] for each in entries]) == (wanted, rails)


@pytest.mark.parametrize(
    "wanted",
    [
        {"stage": "door"},
        {"since": "soon"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"limit": 0},
        {"rial": "x"},
    ],
)
def test_a_filter_that_is_none_is_refused_with_its_name(house, wanted):
    refused = audit(house, **wanted)
    assert refused.status_code == 422
    assert next(iter(wanted)) in refused.json()["error"]["param"]
