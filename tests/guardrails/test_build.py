from typing import get_args

import pytest

from guardrails.build import RAILS, build_guard
from guardrails.policy import Policy, RailName
from guardrails.policy_file import load_policy
from guardrails.verdict import Action, Stage


class Unasked:
    name = "unasked"

    def encode(self, texts):
        raise AssertionError(texts)


def test_every_rail_that_a_policy_may_name_can_be_built():
    assert {*RAILS, "custom"} == set(get_args(RailName))  # of custom rails there may be many


def test_only_the_rails_that_the_policy_names_are_built():
    policy = Policy.model_validate(
        {"name": "x", "message": "m", "stages": {"input": {"secrets": {"action": "redact"}}}}
    )
    verdict = build_guard(policy, Unasked()).screen(Stage.INPUT, "password=hunter2!")
    assert (verdict.action, verdict.text) == (Action.REDACT, "password=<PASSWORD>")


@pytest.mark.parametrize(
    ("stage", "text", "action"),
    [
        (Stage.INPUT, "How many days of annual leave do I get?", Action.ALLOW),
        (Stage.INPUT, "My address is bob@example.com, how do I change it?", Action.REDACT),
        (Stage.INPUT, "Should I put my savings into Bitcoin?", Action.BLOCK),
        (Stage.PASSAGE, "The support address is support@example.com.", Action.ALLOW),
        (Stage.OUTPUT, "Write to support@example.com [1].", Action.REDACT),
        (Stage.DOCUMENT, "Write to support@example.com.", Action.FLAG),
    ],
)
def test_the_shipped_policy_does_what_it_says(encoder, stage, text, action):
    guard = build_guard(load_policy(), encoder)
    context = ["The support address is support@example.com."]
    assert guard.screen(stage, text, context=context).action is action
