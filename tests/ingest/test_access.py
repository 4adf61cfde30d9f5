import pytest

from ingest.access import Access, Principal, access_filter


@pytest.mark.parametrize(
    ("principal", "access", "allowed"),
    [
        (Principal("a", "eve"), Access.of("a", []), True),
        (Principal("a", "eve"), Access.of("b", []), False),
        (Principal("a", "eve"), Access.of("a", ["hr"]), False),
        (Principal("a", "eve", frozenset({"hr"})), Access.of("a", ["hr", "it"]), True),
        (Principal("a", "eve", frozenset({"hr"})), Access.of("b", ["hr"]), False),
        (Principal.administrator("a"), Access.of("a", ["hr"]), True),
        (Principal.administrator("a"), Access.of("b", []), False),
    ],
)
def test_a_document_is_for_its_tenant_and_its_groups(principal, access, allowed):
    assert principal.may_read(access) is allowed


def test_the_filter_names_every_group_only_for_the_administrator():
    assert access_filter(Principal.administrator("a")).groups is None
    assert access_filter(Principal("a", "eve")).groups == frozenset()
