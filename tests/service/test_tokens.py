"""Tokens of an identity provider, checked with the keys that it publishes."""

import base64
import hashlib
import hmac
import json
import time

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.testclient import TestClient

from ingest.access import Principal
from service.app import create_app
from service.auth import BearerAuth
from service.claims import ClaimMap
from service.errors import IdentityUnavailable, LedgerFault, Misconfigured, Unauthorised
from service.jwks import KeySet, fetch
from service.keys import Keyring
from service.settings import ServiceSettings
from service.tokens import Provider, Tokens
from tests.service import identity
from tests.service.identity import claims, ec_key, public, rsa_key, token

NOW = int(time.time())
CLAIMS = ClaimMap(tenant_claim="org", groups_claim="groups", scopes_claim="scope")


@pytest.fixture
def provider():
    with identity.running() as provider:
        provider.publish(public("one"))
        yield provider


@pytest.fixture
def tokens(provider):
    return made(provider)


def made(provider, pause=3_600.0, **settings) -> Tokens:
    given = {
        "oidc_issuer": identity.ISSUER,
        "oidc_audience": identity.AUDIENCE,
        "oidc_jwks_url": provider.url,
        "oidc_algorithms": ["RS256", "PS256", "ES256"],
    }
    known = Provider.of(ServiceSettings(**(given | settings)))
    return Tokens(known, KeySet(lambda: fetch(known.jwks_url), pause), CLAIMS)


def forged(header: dict | list, payload: dict, secret: bytes | None) -> str:
    """A token put together by hand, as libraries refuse to."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, payload)
    ]
    digest = hmac.new(secret, ".".join(parts).encode(), hashlib.sha256).digest() if secret else b""
    return ".".join([*parts, base64.urlsafe_b64encode(digest).rstrip(b"=").decode()])


def test_a_good_token_is_whom_its_claims_speak_of(tokens):
    good = token(groups=["hr"], scope="chat ingest")
    assert tokens.principal(good) == Principal(
        "acme", "oidc:u-17", frozenset({"hr"}), frozenset({"chat", "ingest"})
    )


def test_a_token_may_be_for_others_too(tokens):
    assert tokens.principal(token(aud=["other", "plumbline"])) is not None


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -10), ("nbf", 10)])
def test_clocks_may_differ_a_little(tokens, claim, seconds):
    assert tokens.principal(token(**{claim: int(time.time()) + seconds})) is not None


@pytest.mark.parametrize(("algorithm", "make"), [("PS256", rsa_key), ("ES256", ec_key), ("RS256", rsa_key)])
def test_a_key_that_names_no_algorithm_takes_those_of_its_type(provider, algorithm, make):
    key = make("one")
    listed = public("one", key)
    listed.pop("alg", None)
    provider.publish(listed)
    assert made(provider).principal(token("one", key, algorithm)) is not None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"exp": NOW - 3_600}, "has expired"),
        ({"nbf": NOW + 3_600}, "not valid yet"),
        ({"iat": NOW + 3_600}, "not valid yet"),
        ({"aud": "another"}, "another audience"),
        ({"aud": []}, "needs the claims"),
        ({"iss": "https://evil.example.com"}, "another issuer"),
        ({"iss": identity.ISSUER + "/"}, "another issuer"),
        ({"exp": None}, "needs the claims"),
        ({"aud": None}, "needs the claims"),
        ({"iss": None}, "needs the claims"),
        ({"sub": None}, "needs the claims"),
        ({"org": None}, "'org'"),
        ({"groups": 7}, "'groups'"),
    ],
)
def test_a_token_of_the_provider_that_does_not_hold_is_refused_with_the_reason(tokens, changed, told):
    with pytest.raises(Unauthorised, match=told):
        tokens.principal(token(**changed))


def pem() -> bytes:
    return rsa_key("one").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


# Made when they are needed: keys take a while.
NOT_OURS = {
    "no token": lambda: "nonsense",
    "an empty one": lambda: "",
    "an API key": lambda: "pk-abc",
    "three dots": lambda: "a.b.c",
    "no signature": lambda: forged({"alg": "none", "kid": "one"}, claims(), None),
    "none, spelt otherwise": lambda: forged({"alg": "NONE", "kid": "one"}, claims(), None),
    "the public key as a secret": lambda: forged({"alg": "HS256", "kid": "one"}, claims(), pem()),
    "its JWK as a secret": lambda: forged(
        {"alg": "HS256", "kid": "one"}, claims(), json.dumps(public("one")).encode()
    ),
    "RS256 by name, HS256 by signature": lambda: forged({"alg": "RS256", "kid": "one"}, claims(), pem()),
    "an algorithm that is not on the list": lambda: token(algorithm="RS512"),
    "another key's signature": lambda: token("one", rsa_key("two")),
    "an unknown key": lambda: token("two"),
    "an unknown key that brings itself": lambda: token(
        "two", header={"kid": "two", "jwk": public("two"), "jku": "https://evil.example.com"}
    ),
    "no key's id": lambda: token(header={}),
    "an algorithm of another type of key": lambda: token("one", ec_key("elliptic"), "ES256"),
    "an algorithm that is a list": lambda: forged({"alg": ["RS256"], "kid": "one"}, claims(), pem()),
    "a header that is a list": lambda: forged([], claims(), pem()),
    "an extension that must be understood": lambda: token(header={"kid": "one", "crit": ["odd"], "odd": 1}),
}


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_the_provider_has_not_signed_is_nobodys(tokens, name):
    assert tokens.principal(NOT_OURS[name]()) is None


def test_a_token_whose_claims_were_changed_is_nobodys(tokens):
    head, _, signature = token().split(".")
    other = token(org="evil").split(".")[1]
    assert tokens.principal(f"{head}.{other}.{signature}") is None


def test_a_key_that_names_its_algorithm_is_good_for_that_one_alone(provider):
    provider.publish(public("one", alg="RS256"))
    assert made(provider).principal(token(algorithm="PS256")) is None


@pytest.mark.parametrize(
    "listed",
    [
        {"kid": "one", "kty": "oct", "k": "c2VjcmV0"},
        {"kid": "one"},
        {"kid": "one", "kty": "RSA", "n": "!", "e": "AQAB"},
        {"kid": "one", "kty": "RSA", "alg": ["RS256"]},
        {"kid": "one", "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
    ],
)
def test_a_key_that_is_no_public_key_verifies_nothing(provider, listed):
    provider.publish(listed)
    assert made(provider).principal(token()) is None


def test_a_key_that_is_too_short_verifies_nothing(provider):
    short = rsa_key("short", 1_024)
    provider.publish(public("one", short))
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        weak = token("one", short)
    assert made(provider).principal(weak) is None


def test_a_rotated_key_is_found_and_the_old_one_holds_no_longer(provider):
    tokens = made(provider, pause=0.0)
    assert tokens.principal(token("one")) is not None
    provider.publish(public("two"))
    assert tokens.principal(token("two")) is not None
    assert tokens.principal(token("one")) is None


def test_made_up_keys_do_not_make_us_ask_the_provider_again_and_again(provider, tokens):
    for number in range(20):
        assert tokens.principal(token(header={"kid": f"made-up-{number}"})) is None
    assert provider.asked == 1


def test_what_cannot_be_ours_never_reaches_the_provider(provider, tokens):
    for name in ("no token", "an API key", "no signature", "the public key as a secret", "no key's id"):
        tokens.principal(NOT_OURS[name]())
    assert provider.asked == 0


def test_nobody_can_tell_about_a_token_while_the_provider_is_down(provider):
    provider.status = 500
    with pytest.raises(IdentityUnavailable):
        made(provider).principal(token())


@pytest.mark.parametrize(
    "url",
    [
        "http://id.example.com/jwks",
        "http://10.0.0.5/jwks",
        "http://localhost.evil.com/jwks",
        "ftp://127.0.0.1/jwks",
        "file:///etc/passwd",
        "//127.0.0.1/jwks",
        "https:///jwks",
    ],
)
def test_keys_come_over_https_or_from_this_machine(url):
    settings = {"oidc_issuer": "https://id.example.com", "oidc_audience": "plumbline"}
    with pytest.raises(Misconfigured, match="https"):
        Provider.of(ServiceSettings(oidc_jwks_url=url, **settings))


def test_a_refused_address_of_the_keys_is_told_without_its_secrets():
    settings = {"oidc_issuer": "https://id.example.com", "oidc_audience": "plumbline"}
    url = "http://user:secret-word@id.example.com/jwks?key=secret-word"
    with pytest.raises(Misconfigured, match=r"http://id\.example\.com/jwks:") as refused:
        Provider.of(ServiceSettings(oidc_jwks_url=url, **settings))
    assert "secret-word" not in str(refused.value)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "HS512", "RS1"])
def test_algorithms_that_can_be_forged_cannot_be_set(algorithm):
    with pytest.raises(ValueError, match="oidc_algorithms"):
        ServiceSettings(oidc_algorithms=[algorithm])


@pytest.fixture
def client(provider, make_parts, ledger):
    parts = make_parts(authenticator=BearerAuth(Keyring(ledger), made(provider)))
    with TestClient(create_app(parts), raise_server_exceptions=False) as client:
        parts.startup.wait()
        yield client


def bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def test_keys_and_tokens_are_let_in_side_by_side(client, ledger):
    _, key = Keyring(ledger).create("acme", [], ["chat"])
    for credential in (key, token(scope="chat")):
        assert client.get("/v1/documents", headers=bearer(credential)).status_code == 200


def test_while_the_ledger_is_down_tokens_go_on(client, ledger, monkeypatch):
    def down(_digest):
        raise LedgerFault("the ledger cannot be reached")

    monkeypatch.setattr(ledger, "key", down)
    statuses = [
        client.get("/v1/documents", headers=bearer(credential)).status_code
        for credential in (token(scope="chat"), "pk-unknown")
    ]
    assert statuses == [200, 503]


def test_a_token_and_a_key_of_one_name_are_two_callers(client, ledger):
    _, key = Keyring(ledger).create("acme", [], ["chat"], "u-17")
    asked = {"messages": [{"role": "user", "content": "How many days?"}]}
    by_key = client.post("/v1/chat/completions", headers=bearer(key), json=asked)
    rating = {"answer_id": by_key.json()["answer_id"], "rating": "up"}
    statuses = [
        client.post("/v1/feedback", headers=bearer(credential), json=rating).status_code
        for credential in (token(scope="chat"), key)
    ]
    assert statuses == [404, 200]


def test_a_token_without_the_scope_is_403(client):
    reply = client.get("/v1/audit", headers=bearer(token(scope="chat")))
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "insufficient_scope")


@pytest.mark.parametrize("name", NOT_OURS)
def test_what_nobody_signed_is_401_like_an_unknown_key(client, name):
    unknown = client.get("/v1/models", headers=bearer("pk-unknown"))
    reply = client.get("/v1/models", headers=bearer(NOT_OURS[name]()))
    assert (reply.status_code, reply.json()) == (401, unknown.json())


def test_while_the_provider_is_down_tokens_are_503_and_keys_go_on(client, provider, ledger):
    provider.status = 500
    reply = client.get("/v1/models", headers=bearer(token(scope="chat")))
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "identity_provider_unavailable")
    assert "identity provider" in reply.json()["error"]["message"]
    assert "127.0.0.1" not in reply.text
    _, key = Keyring(ledger).create("acme", [], ["chat"])
    assert client.get("/v1/models", headers=bearer(key)).status_code == 200
