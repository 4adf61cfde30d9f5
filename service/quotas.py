"""How much callers may ask: requests a minute and tokens a day, for each of them and for their tenant.

A caller is a subject: the keys of one name share their limits.
"""

import ipaddress

from ingest.access import Principal
from service.answer import Answer
from service.counters import Counters, Standing, Window
from service.errors import RateLimited
from service.recorder import Recorder
from service.settings import ServiceSettings

MINUTE, DAY = 60, 86_400
# Whoever is given one IPv6 address is given as many as this leaves open.
IPV6_SITE = 64


class Quotas:
    """The limits of one server, or of all that share a Redis. Calls block: use a thread.

    Headers say where a subject stands: `RateLimit-Limit`, `-Remaining` and `-Reset` (as in the IETF's draft
    of these names) and `x-ratelimit-limit-requests` and so on (as OpenAI's) for requests, the latter for
    tokens too. What the rest of the tenant did shows only when its limit is reached.
    """

    def __init__(self, settings: ServiceSettings, counters: Counters) -> None:
        self._counters = counters
        # Each server counts these alone: what they keep away holds no key, so no other machine is asked.
        self._attempts = Counters()
        self._failures = Window("failures", settings.failures_per_minute, MINUTE)
        self._requests = Window("requests", settings.requests_per_minute, MINUTE)
        self._tenant_requests = Window("tenant-requests", settings.tenant_requests_per_minute, MINUTE)
        self._tokens = Window("tokens", settings.tokens_per_day, DAY)
        self._tenant_tokens = Window("tenant-tokens", settings.tenant_tokens_per_day, DAY)

    def knock(self, address: str) -> None:
        """Raises `RateLimited` if callers from this address have failed to say who they are too often.

        For those who have failed again: a good key is never asked where it comes from.
        """
        standing = self._attempts.standing(self._failures, _site(address))
        if standing.refused:
            raise _refusal(standing, "too many requests without a key that holds came from your address")

    def failed(self, address: str) -> None:
        """Count a request from this address whose caller could not say who they are."""
        self._attempts.add(self._failures, 1, _site(address))

    def request(self, principal: Principal) -> dict[str, str]:
        """Take one request off what the principal and its tenant may ask; returns headers.

        Raises:
            RateLimited: nothing is left. The tenant's limit is not touched by who is over their own.
        """
        own = self._counters.take(self._requests, principal.tenant, principal.subject)
        headers = _draft(own) | _openai(own, "requests")
        if own.refused:
            raise _refusal(own, f"more than {own.most} requests in a minute", headers)
        tenant = self._counters.take(self._tenant_requests, principal.tenant)
        if tenant.refused:
            raise _refusal(tenant, f"more than {tenant.most} requests in a minute from your tenant", headers)
        return headers

    def question(self, principal: Principal) -> dict[str, str]:
        """What is left of the tokens that the principal may use; returns headers.

        An answer's tokens are known when it is there, so the last one may take more than was left.

        Raises:
            RateLimited: nothing is left to it, or to its tenant.
        """
        own = self._counters.standing(self._tokens, principal.tenant, principal.subject)
        headers = _openai(own, "tokens")
        if own.refused:
            raise _refusal(own, f"the {own.most} tokens of a day are used up", headers)
        tenant = self._counters.standing(self._tenant_tokens, principal.tenant)
        if tenant.refused:
            raise _refusal(tenant, f"your tenant's {tenant.most} tokens of a day are used up", headers)
        return headers

    def spent(self, principal: Principal, tokens: int) -> None:
        """Take what an answer used off what the principal and its tenant may use."""
        self._counters.add(self._tokens, tokens, principal.tenant, principal.subject)
        self._counters.add(self._tenant_tokens, tokens, principal.tenant)


class Spending:
    """A recorder that also counts what each answer used: the finished, the cut, and the abandoned."""

    def __init__(self, recorder: Recorder, quotas: Quotas) -> None:
        self._recorder, self._quotas = recorder, quotas

    def record(self, principal: Principal, question: str, answer: Answer) -> None:
        """Count, then keep. Raises what the recorder raises."""
        self._quotas.spent(principal, answer.usage.prompt_tokens + answer.usage.completion_tokens)
        self._recorder.record(principal, question, answer)


def _refusal(standing: Standing, reason: str, headers: dict[str, str] | None = None) -> RateLimited:
    retry = {"Retry-After": str(standing.reset)}
    return RateLimited(f"{reason}: try again in {standing.reset} s", (headers or {}) | retry)


def _draft(standing: Standing) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(standing.most),
        "RateLimit-Remaining": str(standing.remaining),
        "RateLimit-Reset": str(standing.reset),
    }


def _openai(standing: Standing, what: str) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{what}": str(standing.most),
        f"x-ratelimit-remaining-{what}": str(standing.remaining),
        f"x-ratelimit-reset-{what}": f"{standing.reset}s",
    }


def _site(address: str) -> str:
    """Who is behind an address: itself, or the network that an IPv6 address was taken from."""
    try:
        version = ipaddress.ip_address(address).version
    except ValueError:
        return address
    if version == 4:  # noqa: PLR2004  # the protocol's name
        return address
    return str(ipaddress.ip_network((address, IPV6_SITE), strict=False))
