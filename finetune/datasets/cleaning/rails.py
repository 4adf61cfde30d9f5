"""The rails that cleaning asks: ours, with the options that the installation's own policy gives them.

What a policy lets pass in an answer may still be no thing to learn: so the rules are cleaning's, not the
policy's, which says what is personal data here and what is allowed.
"""

from collections.abc import Sequence

from guardrails.build import build_guard
from guardrails.guard import Guard
from guardrails.policy import Policy, RailName, Rule
from guardrails.rail import Vectors
from guardrails.verdict import Action, Stage

_TAKEN_OUT: dict[RailName, Rule] = {name: Rule(action=Action.REDACT) for name in ("secrets", "pii")}
_STOPPED: dict[RailName, Rule] = {
    "injection": Rule(action=Action.BLOCK, threshold=0.8),  # as the shipped policy
    "toxicity": Rule(action=Action.BLOCK, threshold=0.9),  # as above
}
STAGES = {
    Stage.PASSAGE: _TAKEN_OUT,
    Stage.INPUT: _TAKEN_OUT | _STOPPED,
    Stage.OUTPUT: _TAKEN_OUT | _STOPPED,
}


class _NoEncoder:
    """Only the rail for topics asks for vectors, and it does not run here."""

    name = "none"

    def encode(self, texts: Sequence[str]) -> Vectors:
        raise RuntimeError(f"no rail here embeds texts, and {len(texts)} were given")


def cleaning_guard(policy: Policy) -> Guard:
    """The rails of cleaning. Raises `PolicyError` and `RailError` as `build_guard` does."""
    return build_guard(policy.model_copy(update={"stages": STAGES}), _NoEncoder())
