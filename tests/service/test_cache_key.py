"""A key tells apart all that an answer depends on, and nothing else."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.access import Principal, access_digest
from ingest.where import Where
from service.answer import Ask, Message, Sampling
from service.cache_key import cache_key, is_cacheable, normalised

ANNA = Principal("acme", "anna", frozenset({"hr", "staff"}))


def ask(question="How many days?", **sampling):
    return Ask((Message("user", question),), sampling=Sampling(**sampling))


def key(principal=ANNA, asked=None, index="1", model="qa-1", policy="p-1"):
    return cache_key(principal, index, asked or ask(), model, policy)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("How many days?", "how many\n  days "),
        ("How many Paid Days of Leave?", "how many paid days of leave"),
        ("What's the \u201cLite\u201d plan?", 'what\u2019s the "lite" plan'),
        ("Caf\u00e9 hours?", "cafe\u0301 hours?"),
        ("  Is it free ?", "is it free"),
        ("What is Plan A?", "what is plan a..."),
    ],
)
def test_what_is_written_differently_and_meant_alike_is_one_question(one, other):
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What does IT cost?", "What does it cost?"),
        ("What does WHO say?", "what does who say"),
        ("What is 10²?", "What is 102?"),
        ("Welche Maße gelten?", "Welche Masse gelten?"),
        ("What is 5!", "What is 5"),
        ("What is C?", "What is C++?"),
        ("Is 1.5 enough?", "Is 15 enough?"),
        ("?", "."),
        ("May staff leave?", "May staff not leave?"),
    ],
)
def test_what_may_mean_something_else_is_another_question(one, other):
    assert normalised(one) != normalised(other)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(question):
    assert normalised(normalised(question)) == normalised(question)


CHANGES = {
    "tenant": {"principal": replace(ANNA, tenant="evil")},
    "fewer groups": {"principal": replace(ANNA, groups=frozenset({"hr"}))},
    "more groups": {"principal": replace(ANNA, groups=ANNA.groups | {"legal"})},
    "every group": {"principal": replace(ANNA, every_group=True)},
    "index": {"index": "2"},
    "adapter": {"model": "qa-2"},
    "policy": {"policy": "p-2"},
    "question": {"asked": ask("How many hours?")},
    "length": {"asked": ask(max_tokens=7)},
    "temperature": {"asked": ask(temperature=0.5)},
    "top_p": {"asked": ask(top_p=0.5)},
    "seed": {"asked": ask(seed=7)},
    "stop": {"asked": ask(stop=("\n",))},
    "form": {"asked": ask(form="{}")},
    "where": {"asked": replace(ask(), where=Where(labels=("x", "y")))},
    "first_token": {"asked": ask(first_token=(("I", -1.0),))},
}


def test_every_part_of_the_sampling_is_tried():
    assert {field.name for field in fields(Sampling)} - {"max_tokens"} <= set(CHANGES)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_an_answer_depends_on_is_in_the_key(change):
    assert key(**change) != key()


def test_who_may_read_the_same_has_the_same_key_in_any_conversation():
    assert key(Principal("acme", "ben", frozenset(["staff", "hr"]))) == key()
    history = (Message("user", "Hello"), Message("assistant", "Hello"), Message("user", "how many days"))
    assert key(asked=Ask(history, conversation_id="c-1", store=False)) == key()


def test_one_filter_written_in_another_order_has_the_same_key():
    one, other = (replace(ask(), where=Where(labels=labels)) for labels in (("x", "y"), ("y", "x", "y")))
    assert key(asked=one) == key(asked=other)


def test_a_key_holds_no_words():
    assert len(key()) == 64


PRINCIPALS = st.builds(
    Principal,
    st.sampled_from(["a", "b", "a'", 'a"', "a, b"]),
    st.sampled_from(["anna", "ben"]),
    st.frozensets(st.sampled_from(["x", "y", "x, y", "x', 'y", ""]), max_size=3),
    every_group=st.booleans(),
)


@settings(deadline=None)
@given(PRINCIPALS, PRINCIPALS)
def test_two_principals_share_a_key_only_if_they_share_tenant_and_access(one, other):
    alike = one.tenant == other.tenant and access_digest(one) == access_digest(other)
    assert (key(one) == key(other)) is alike
    if alike and not one.every_group:
        assert one.groups == other.groups


@pytest.mark.parametrize(
    ("sampling", "cacheable"),
    [
        ({}, True),
        ({"temperature": 0.7}, False),
        ({"temperature": 0.7, "seed": 0}, True),
        ({"top_p": 0.1}, True),
    ],
)
def test_an_answer_is_given_again_only_if_asking_again_would_give_it(sampling, cacheable):
    asked = ask("Why?", **sampling)
    assert is_cacheable(asked, "Why?") is cacheable


@pytest.mark.parametrize("understood", ["Why do staff get 27 days?", "Why <EMAIL_ADDRESS>?", "why?"])
def test_a_question_that_was_rewritten_or_redacted_is_its_askers_alone(understood):
    assert not is_cacheable(ask("Why?"), understood)


def test_a_question_after_another_is_its_askers_alone():
    said = (Message("user", "Is it EUR 4,480?"), Message("assistant", "No."))
    assert not is_cacheable(Ask((*said, Message("user", "Why?"))), "Why?")
    assert is_cacheable(Ask((Message("system", "Be brief."), Message("user", "Why?"))), "Why?")
