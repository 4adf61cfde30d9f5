"""The dashboard, the alerts and the figures know each other: no name is wrong, no figure is left out."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from guardrails.verdict import FAILED, Action, Stage
from service.answer import Answer, Decision
from service.telemetry import EndpointState, Metrics

DEPLOY = Path(__file__).parents[2] / "deploy"
DASHBOARD = json.loads((DEPLOY / "grafana" / "dashboards" / "plumbline.json").read_text())
RULES = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
SCRAPES = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())

PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
SHOWN = [target["expr"] for panel in PANELS for target in panel["targets"]]
EXPRESSIONS = [*SHOWN, *(rule["expr"] for rule in ALERTS)]
# What the scraper adds to every sample, and a histogram to its own.
ADDED = {"instance", "job", "le"}
NAME = re.compile(r"\b(?:plumbline|process)_[a-z_]+")
PARTS = re.compile(r"_(?:bucket|sum|count)$")


def exposed() -> dict[str, set[str]]:
    """Our figures, each with its labels: of a server that everything has happened to."""
    metrics = Metrics()
    metrics.engine(lambda: [EndpointState("http://engine", True, 0, 0)])
    metrics.begin()
    metrics.end("GET", "/healthz", 200, 0.1)
    metrics.dependency("store", ready=True)
    metrics.step("pack", 0.1)
    metrics.looked_up("hit")
    with metrics.rail("pii", "output"):
        broken = Decision("pii", Stage.OUTPUT, Action.BLOCK, "p", "the rail failed", FAILED)
    metrics.answered(Answer("a-1", "qa-1", "Thirty.", "stop", decisions=(broken,)))
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(metrics.exposition().decode()):
        for sample in family.samples:
            name = PARTS.sub("", sample.name) if family.type == "histogram" else sample.name
            found.setdefault(name, set()).update(sample.labels)
    return {name: labels for name, labels in found.items() if not name.endswith("_created")}


FIGURES = exposed()


def named(expression: str) -> set[str]:
    """The figures in an expression."""
    return {name if name in FIGURES else PARTS.sub("", name) for name in NAME.findall(expression)}


def labels(expression: str) -> set[str]:
    """The labels in an expression: in braces, and what is grouped by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    chosen = {
        each for inside in re.findall(r"\{([^}]*)\}", bare) for each in re.findall(r"(\w+)\s*[=!]", inside)
    }
    grouped = re.findall(r"\b(?:by|ignoring|group_left)\s*\(([^)]*)\)", bare)
    return chosen | {each.strip() for inside in grouped for each in inside.split(",") if each.strip()}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_every_figure_that_is_asked_for_exists_with_these_labels(expression: str):
    figures = named(expression)
    assert figures or "up{" in expression
    assert figures <= set(FIGURES)
    known = set().union(*(FIGURES[name] for name in figures)) | ADDED
    assert labels(expression) <= known
    assert expression.count("(") == expression.count(")")
    assert expression.count("{") == expression.count("}")


def test_every_figure_of_ours_is_on_the_dashboard():
    ours = {name for name in FIGURES if name.startswith("plumbline_")}
    assert len(ours) >= 20
    assert ours - {name for expression in SHOWN for name in named(expression)} == set()


def test_a_histogram_is_asked_for_its_parts_and_nothing_else_is():
    histograms = {
        f"plumbline_{name}"
        for name in (
            "request_seconds",
            "first_token_seconds",
            "answer_seconds",
            "groundedness",
            "rail_seconds",
            "step_seconds",
        )
    }
    for expression in EXPRESSIONS:
        for name in NAME.findall(expression):
            assert (PARTS.sub("", name) in histograms) == bool(PARTS.search(name)), name


def test_panels_have_places_and_numbers_of_their_own():
    places: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        box = panel["gridPos"]
        cells = {
            (x, y) for x in range(box["x"], box["x"] + box["w"]) for y in range(box["y"], box["y"] + box["h"])
        }
        assert not cells & places, panel["title"]
        assert max(x for x, _ in cells) < 24
        places |= cells
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(numbers)) == len(numbers)
    assert all(panel["title"] for panel in DASHBOARD["panels"])


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_how_bad_it_is_and_what_to_do(rule: dict[str, Any]):
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert re.fullmatch(r"\d+m", rule["for"])
    assert set(rule["annotations"]) == {"summary", "description"}
    used = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
    figures = named(rule["expr"])
    assert used <= set().union(*(FIGURES[name] for name in figures), ADDED)


def test_the_scraper_reads_the_alerts_and_asks_the_job_that_they_are_about():
    assert SCRAPES["rule_files"] == ["alerts.yml"]
    jobs = {scrape["job_name"] for scrape in SCRAPES["scrape_configs"]}
    asked = {job for rule in ALERTS for job in re.findall(r'job="(\w+)"', rule["expr"])}
    assert asked <= jobs
