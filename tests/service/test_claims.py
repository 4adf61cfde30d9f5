"""Claims become principals; what is not said is not granted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.access import LONGEST_NAME, Principal
from service.claims import ClaimMap
from service.errors import Misconfigured, Unauthorised
from service.keys import SCOPES
from service.settings import ServiceSettings

CLAIMS = {
    "sub": "u-17",
    "org": "acme",
    "groups": ["hr", "staff"],
    "scope": "openid chat ingest",
    "https://plumbline.example/tenant": "dotted",
    "realm_access": {"roles": ["chat", "eval", "offline"], "deep": {"tenant": "nested"}},
    "one": "legal",
}


@pytest.mark.parametrize(
    ("claims", "tenant", "groups", "scopes"),
    [
        (ClaimMap(tenant="home"), "home", set(), {"chat"}),
        (ClaimMap(tenant_claim="org", groups_claim="groups"), "acme", {"hr", "staff"}, {"chat"}),
        (ClaimMap(tenant_claim="https://plumbline.example/tenant"), "dotted", set(), {"chat"}),
        (ClaimMap(tenant_claim="realm_access.deep.tenant"), "nested", set(), {"chat"}),
        (ClaimMap(tenant="home", groups_claim="one"), "home", {"legal"}, {"chat"}),
        (ClaimMap(tenant="home", groups_claim="none"), "home", set(), {"chat"}),
        (ClaimMap(tenant="home", scopes_claim="scope"), "home", set(), {"chat", "ingest"}),
        (ClaimMap(tenant="home", scopes_claim="realm_access.roles"), "home", set(), {"chat", "eval"}),
        (ClaimMap(tenant="home", scopes_claim="none"), "home", set(), set()),
        (ClaimMap(tenant="home", scopes_claim="realm_access.none.further"), "home", set(), set()),
    ],
)
def test_claims_say_who_it_is_and_what_they_may(claims, tenant, groups, scopes):
    assert claims.principal(CLAIMS) == Principal(tenant, "oidc:u-17", frozenset(groups), frozenset(scopes))


@pytest.mark.parametrize("tenant", [None, "", "  ", 7, ["acme"], {"id": "acme"}, "x" * 201, "a\nb", "a\0b"])
def test_without_a_tenant_of_its_own_a_token_does_not_hold(tenant):
    with pytest.raises(Unauthorised, match="'org'"):
        ClaimMap(tenant_claim="org").principal({"sub": "u-17", "org": tenant})
    with pytest.raises(Unauthorised, match="'org'"):
        ClaimMap(tenant_claim="org").principal({"sub": "u-17"})


@pytest.mark.parametrize("subject", [None, "", " ", 7, "x" * 196, "a\nb"])
def test_without_a_subject_a_token_does_not_hold(subject):
    with pytest.raises(Unauthorised, match="'sub'"):
        ClaimMap(tenant="home").principal({"sub": subject})


def test_the_longest_subject_is_as_long_as_the_ledger_has_room_for():
    principal = ClaimMap(tenant="home").principal({"sub": "x" * 195})
    assert len(principal.subject) == LONGEST_NAME


@pytest.mark.parametrize("subject", ["bot", "local", "local-administrator", "oidc:bot"])
def test_no_token_has_the_name_of_a_key_or_of_the_local_administrator(subject):
    assert ClaimMap(tenant="home").principal({"sub": subject}).subject == f"oidc:{subject}"


@pytest.mark.parametrize("groups", [7, {"hr": True}, ["hr", 7], ["hr", None], [["hr"]]])
def test_groups_that_are_no_names_are_not_guessed_at(groups):
    with pytest.raises(Unauthorised, match="'groups'"):
        ClaimMap(tenant="home", groups_claim="groups").principal({"sub": "u", "groups": groups})


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=8))
def test_whatever_a_claim_says_no_scope_is_made_up(value):
    claims = ClaimMap(tenant="home", scopes_claim="scope")
    try:
        principal = claims.principal({"sub": "u", "scope": value})
    except Unauthorised:
        return
    said = value.split() if isinstance(value, str) else value or []
    assert principal.scopes == {scope for scope in said if scope in SCOPES}
    assert not principal.every_group


@pytest.mark.parametrize(
    "given_settings", [{}, {"oidc_tenant": "home", "oidc_tenant_claim": "org"}, {"oidc_tenant": ""}]
)
def test_exactly_one_setting_says_where_tenants_come_from(given_settings):
    with pytest.raises(Misconfigured, match="oidc_tenant_claim"):
        ClaimMap.of(ServiceSettings(**given_settings))


def test_the_settings_name_the_claims():
    settings = ServiceSettings(oidc_tenant_claim="org", oidc_scopes_claim="scope")
    assert ClaimMap.of(settings) == ClaimMap(None, "org", "groups", "scope")
