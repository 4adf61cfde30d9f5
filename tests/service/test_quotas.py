"""Limits by subject and tenant, budgets of tokens, and failures by address."""

import pytest

from ingest.access import Principal
from service.answer import Answer, Usage
from service.counters import Counters
from service.errors import RateLimited
from service.quotas import Quotas, Spending
from service.settings import ServiceSettings

ANNA, BEN, EVE = Principal("acme", "anna"), Principal("acme", "ben"), Principal("evil", "anna")


def made(**settings) -> Quotas:
    return Quotas(ServiceSettings(**settings), Counters())


def test_a_subject_may_ask_so_often_and_the_headers_count_down():
    quotas = made(requests_per_minute=2)
    headers = [quotas.request(ANNA) for _ in range(2)]
    assert [told["RateLimit-Remaining"] for told in headers] == ["1", "0"]
    assert headers[0]["RateLimit-Limit"] == headers[0]["x-ratelimit-limit-requests"] == "2"
    assert headers[0]["x-ratelimit-reset-requests"] == headers[0]["RateLimit-Reset"] + "s"
    with pytest.raises(RateLimited, match="more than 2 requests in a minute") as refused:
        quotas.request(ANNA)
    assert refused.value.headers["RateLimit-Remaining"] == "0"
    assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
    quotas.request(BEN)
    quotas.request(EVE)


def test_a_tenant_may_ask_so_often_all_its_subjects_together():
    quotas = made(tenant_requests_per_minute=2)
    quotas.request(ANNA)
    told = quotas.request(BEN)
    assert told["RateLimit-Limit"] == "12000"
    with pytest.raises(RateLimited, match="from your tenant") as refused:
        quotas.request(ANNA)
    assert refused.value.headers["RateLimit-Limit"] == "12000"
    quotas.request(EVE)


def test_who_is_over_their_own_limit_takes_nothing_from_the_tenant():
    quotas = made(requests_per_minute=1, tenant_requests_per_minute=2)
    quotas.request(ANNA)
    for _ in range(5):
        with pytest.raises(RateLimited):
            quotas.request(ANNA)
    quotas.request(BEN)


def test_a_budget_ends_when_answers_have_used_it_up():
    quotas = made(tokens_per_day=100)
    assert quotas.question(ANNA)["x-ratelimit-remaining-tokens"] == "100"
    quotas.spent(ANNA, 99)
    assert quotas.question(ANNA)["x-ratelimit-remaining-tokens"] == "1"
    quotas.spent(ANNA, 500)
    with pytest.raises(RateLimited, match="100 tokens of a day") as refused:
        quotas.question(ANNA)
    assert int(refused.value.headers["Retry-After"]) > 80_000
    quotas.question(BEN)
    quotas.request(ANNA)


def test_a_tenants_budget_is_for_all_its_subjects():
    quotas = made(tenant_tokens_per_day=100)
    quotas.spent(ANNA, 60)
    quotas.spent(BEN, 40)
    for principal in (ANNA, BEN):
        with pytest.raises(RateLimited, match="your tenant's 100 tokens"):
            quotas.question(principal)
    assert quotas.question(EVE)["x-ratelimit-remaining-tokens"] == "50000000"


class Kept:
    """A recorder that remembers."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    def record(self, _principal: Principal, _question: str, answer: Answer) -> None:
        self.answers.append(answer)


def test_what_an_answer_used_is_its_prompt_and_what_was_written():
    quotas, kept = made(tokens_per_day=100), Kept()
    answer = Answer("ans-1", "m", "text", "stop", usage=Usage(70, 20))
    Spending(kept, quotas).record(ANNA, "q", answer)
    assert quotas.question(ANNA)["x-ratelimit-remaining-tokens"] == "10"
    assert kept.answers == [answer]


def test_an_address_that_fails_too_often_is_told_to_wait():
    quotas = made(failures_per_minute=2)
    for _ in range(2):
        quotas.knock("10.0.0.9")
        quotas.failed("10.0.0.9")
    with pytest.raises(RateLimited, match="from your address") as refused:
        quotas.knock("10.0.0.9")
    assert set(refused.value.headers) == {"Retry-After"}
    quotas.knock("10.0.0.8")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff", True),
        ("2001:db8::1", "2001:db8:0:0:9999::", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("10.0.0.1", "10.0.0.2", False),
        ("", "10.0.0.2", False),
        ("testclient", "10.0.0.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_addresses_of_one_ipv6_network_are_one_caller(one, other, same):
    quotas = made(failures_per_minute=1)
    quotas.failed(one)
    if same:
        with pytest.raises(RateLimited):
            quotas.knock(other)
    else:
        quotas.knock(other)
