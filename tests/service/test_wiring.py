"""Settings become the right parts; nothing slow is loaded before the server starts."""

import pytest

from service.errors import Unauthorised
from service.keys import Keyring
from service.otlp import OtlpTracer
from service.settings import ServiceSettings
from service.spans import NoTracer
from service.wiring import opened
from tests.service import identity
from tests.service.identity import public, token


@pytest.fixture
def provider():
    with identity.running() as provider:
        provider.publish(public("one"))
        yield provider


@pytest.fixture
def oidc(provider, tmp_path):
    return {
        "home": tmp_path / "home",
        "oidc_issuer": identity.ISSUER,
        "oidc_audience": identity.AUDIENCE,
        "oidc_jwks_url": provider.url,
        "oidc_tenant_claim": "org",
    }


def who(parts, credential: str) -> str | None:
    try:
        return parts.authenticator.principal({"authorization": f"Bearer {credential}"}).subject
    except Unauthorised:
        return None


@pytest.mark.parametrize(
    ("auth", "keys", "tokens"), [("keys", True, True), ("oidc", False, True), ("keys", True, False)]
)
def test_the_settings_say_what_is_taken_at_the_door(oidc, auth, keys, tokens):
    settings = oidc | {"auth": auth} if tokens else {"home": oidc["home"]}
    with opened(ServiceSettings(**settings), None, lambda _: None) as parts:
        _, key = Keyring(parts.ledger).create("acme", [], ["chat"], "anna")
        assert (who(parts, key) == "anna") is keys
        assert (who(parts, token()) == "oidc:u-17") is tokens


def test_with_auth_off_a_local_caller_is_the_administrator(tmp_path):
    with opened(ServiceSettings(home=tmp_path, auth="off"), None, lambda _: None) as parts:
        principal = parts.authenticator.principal({"host": "127.0.0.1"})
        assert principal.subject == "local-administrator"


@pytest.mark.parametrize(("url", "kind"), [(None, NoTracer), ("http://127.0.0.1:9", OtlpTracer)])
def test_traces_are_sent_where_the_setting_says_and_nowhere_else(tmp_path, url, kind):
    with opened(ServiceSettings(home=tmp_path, traces_url=url), None, lambda _: None) as parts:
        assert isinstance(parts.tracer, kind)
