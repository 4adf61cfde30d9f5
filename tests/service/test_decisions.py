import pytest

from guardrails.policy import Policy
from guardrails.verdict import Action, Finding, Stage, Verdict
from service.decisions import MOST, decisions, digest, excerpt

FOUND = Finding("pii", "EMAIL_ADDRESS", Action.REDACT, 0.8, 3, 6, "an e-mail address", shadow=True)
TEXT = "to a@b"


def policy(texts):
    return Policy.model_validate({"name": "p", "message": "m", "stages": {}, "audit": {"texts": texts}})


@pytest.mark.parametrize(("texts", "kept"), [(False, None), (True, TEXT)])
def test_a_decision_has_the_hash_of_what_was_judged_and_its_text_only_where_the_policy_says_so(texts, kept):
    verdict = Verdict(Action.ALLOW, "redacted", (FOUND,), judged=TEXT)
    (made,) = decisions(Stage.INPUT, verdict, policy(texts), "acme", "d-1")
    assert (made.text_hash, made.text) == (digest("acme", TEXT), kept)
    assert (made.policy, made.shadow, made.span, made.document_id) == (
        policy(texts).version,
        True,
        (3, 6),
        "d-1",
    )


def test_what_a_rail_allows_is_no_decision():
    allowed = Finding("pii", "x", Action.ALLOW, 0.8, 0, 1, "because")
    assert (
        decisions(Stage.INPUT, Verdict(Action.ALLOW, TEXT, (allowed,), judged=TEXT), policy(False), "acme")
        == []
    )


def test_equal_texts_of_two_tenants_have_different_hashes():
    assert digest("acme", TEXT) != digest("other", TEXT)
    assert len(digest("acme", "\ud800")) == 64


@pytest.mark.parametrize(
    ("start", "end", "first"), [(0, 5, 0), (5_000, 5_010, 4_005), (9_990, 10_000, 8_000), (0, 10_000, 4_000)]
)
def test_of_a_long_text_what_lies_about_the_span_is_kept(start, end, first):
    text = "".join(chr(0x4E00 + number) for number in range(10_000))
    kept = excerpt(text, start, end)
    assert (len(kept), kept[0]) == (MOST, text[first])
    assert excerpt("short", 0, 5) == "short"
