"""What guardrails/README.md shows is valid, and its rail works."""

import re
import sys
import tomllib
import types
from pathlib import Path
from typing import get_args

import pytest

from guardrails.custom import custom_rails
from guardrails.guard import Guard
from guardrails.policy import Policy, RailName
from guardrails.policy_file import load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.verdict import Action, Stage

PAGE = (Path(__file__).parents[2] / "guardrails" / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def acme(monkeypatch):
    """The page's own rail, where its policy looks for it."""
    module = types.ModuleType("acme_rails")
    exec(blocks("python")[0], module.__dict__)  # noqa: S102  # the page's example
    monkeypatch.setitem(sys.modules, "acme_rails", module)


def policies(folder):
    for number, block in enumerate(blocks("yaml")):
        file = folder / f"{number}.yaml"
        file.write_text(block)
        yield load_policy(file)


def test_its_policies_are_valid(tmp_path):
    assert [policy.name for policy in policies(tmp_path)] == ["support-desk", "own-rails"]


def test_its_settings_are_settings():
    (example,) = (tomllib.loads(block) for block in blocks("toml"))
    assert set(example["guardrails"]) <= set(GuardrailsSettings.model_fields)


def test_it_names_every_rail_and_stage():
    assert all(re.search(rf"\b{name}\b", PAGE) for name in (*get_args(RailName), *Stage))


def test_its_custom_rails_do_what_it_says(tmp_path, acme):
    *_, policy = policies(tmp_path)
    entries = tuple(entry for entry in policy.rails.custom if entry.judge is None)
    own = {"name": "t", "message": "m", "stages": {"output": {"custom": {"action": "block"}}}}
    policy = Policy.model_validate(own | {"rails": {"custom": entries}})
    guard = Guard(policy, custom_rails(entries))
    assert guard.screen(Stage.OUTPUT, "Ask EMP-123456 about it.").text == "Ask <STAFF> about it."
    assert guard.screen(Stage.OUTPUT, "We call it b0realis.").text == "That project is not talked about."
    assert guard.screen(Stage.OUTPUT, "Hm, no.").action is Action.FLAG
    assert guard.screen(Stage.OUTPUT, "Nothing is wrong with this.").action is Action.ALLOW
