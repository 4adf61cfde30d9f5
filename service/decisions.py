"""What goes on record of a verdict: a decision for each finding, bound to the text that was judged."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from guardrails.policy import Policy
from guardrails.verdict import Action, Stage, Verdict
from service.answer import Decision

MOST = 2_000
"""Characters of a text that a record keeps, where the policy has it keep any."""


def digest(tenant: str, text: str) -> str:
    """SHA-256 of a tenant's text: what the ledger keeps instead of it.

    Whoever has the tenant's name and the text can tell whether it was this one; nobody can read it.
    """
    return hashlib.sha256(f"{tenant}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


def excerpt(text: str, start: int, end: int) -> str:
    """The text; of a long one `MOST` characters about the span."""
    begin = max(0, min((start + end - MOST) // 2, len(text) - MOST))
    return text[begin : begin + MOST]


def decisions(
    stage: Stage, verdict: Verdict, policy: Policy, tenant: str, document_id: str = ""
) -> list[Decision]:
    """A decision for each finding that is more than nothing; `document_id` of what the text is a part of."""
    text_hash = digest(tenant, verdict.judged)
    return [
        Decision(
            rail=found.rail,
            stage=stage,
            action=found.action,
            policy=policy.version,
            reason=found.reason,
            label=found.label,
            score=found.score,
            span=(found.start, found.end),
            shadow=found.shadow,
            text_hash=text_hash,
            text=excerpt(verdict.judged, found.start, found.end) if policy.audit.texts else None,
            document_id=document_id,
        )
        for found in verdict.findings
        if found.action is not Action.ALLOW
    ]


def kinds(made: Sequence[Decision]) -> list[Decision]:
    """One of each kind (rail, label, action), the surest, with how many there were: for long documents."""
    alike: dict[object, list[Decision]] = {}
    for decision in made:
        kind = (decision.rail, decision.label, decision.action, decision.shadow)
        alike.setdefault(kind, []).append(decision)
    return [_of_its_kind(each) for each in alike.values()]


def _of_its_kind(alike: Sequence[Decision]) -> Decision:
    surest = max(alike, key=lambda decision: decision.score)
    return replace(surest, reason=f"{surest.reason} ({len(alike)} times)") if len(alike) > 1 else surest
