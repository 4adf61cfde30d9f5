"""Which rails there are: the one table that says how each is made, cheapest first."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from guardrails import options
from guardrails.custom import custom_rails
from guardrails.extraction import NO_PROMPT, Extraction, Prompt
from guardrails.grounding import Grounding
from guardrails.guard import Guard, Watch, unwatched
from guardrails.harm import Harm
from guardrails.injection import Injection
from guardrails.judge import Judge
from guardrails.leakage import Leakage
from guardrails.memory import RememberingGuard
from guardrails.pii import Pii
from guardrails.policy import Policy, RailName
from guardrails.rail import Encoder, Rail
from guardrails.secrets import Secrets
from guardrails.stereotypes import Stereotypes
from guardrails.topics import Topics
from guardrails.toxicity import Toxicity


@cache
def shipped_judge() -> Judge:
    """Load the encoder that ships, once for all policies.

    Raises:
        RailError: it cannot be read.
    """
    from guardrails.classifier import Classifier  # noqa: PLC0415 torch takes seconds, --help none

    return Classifier.load()


class Materials(NamedTuple):
    """What rails are made from."""

    policy: Policy
    encoder: Encoder
    thorough: bool
    prompt: Prompt


RAILS: dict[RailName, Callable[[Materials], Rail]] = {
    "secrets": lambda _: Secrets(),
    "pii": lambda made: _pii(made.policy.rails.pii),
    "topics": lambda made: Topics(
        made.policy.rails.topics.topics,
        made.policy.rails.topics.allowed,
        made.encoder,
        made.policy.rails.topics.only,
    ),
    "injection": lambda made: Injection(shipped_judge(), in_full=made.thorough),
    "harm": lambda _: Harm(shipped_judge()),
    "toxicity": lambda _: Toxicity(shipped_judge()),
    "stereotypes": lambda _: Stereotypes(shipped_judge()),
    "extraction": lambda made: Extraction(made.prompt),
    "leakage": lambda made: Leakage(made.policy.rails.leakage.labels),
    "grounding": lambda _: Grounding(),
}
"""A new rail is a file beside this one, a line here, and its name in `policy.RailName`."""


def _pii(told: options.Pii) -> Pii:
    return Pii(told.thresholds, told.allow, told.regions, told.recognisers)


def build_guard(
    policy: Policy,
    encoder: Encoder,
    *,
    thorough: bool = False,
    remember: int = 0,
    watch: Watch = unwatched,
    prompt: Prompt = NO_PROMPT,
) -> Guard:
    """Make the rails that `policy` names at any stage, and the guard that runs them.

    A `thorough` guard gives every score on every text in full, at the price of time: for evaluation.
    One that is to `remember` gives so many verdicts again when the texts come again. `watch` may time the
    rails. `prompt` is what answers must not give away.

    Raises:
        PolicyError: a custom rail's code or key is not there.
        RailError: a rail's model cannot be read, or was made for another encoder.
    """
    wanted = {name for stage in policy.stages.values() for name in stage}
    materials = Materials(policy, encoder, thorough, prompt)
    rails = [make(materials) for name, make in RAILS.items() if thorough or name in wanted]
    if "custom" in wanted:
        rails += custom_rails(policy.rails.custom)
    if remember and not thorough:
        return RememberingGuard(policy, rails, most=remember, watch=watch)
    return Guard(policy, rails, thorough=thorough, watch=watch)
