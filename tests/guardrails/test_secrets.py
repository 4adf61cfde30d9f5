import pytest

from guardrails.rail import Sample
from guardrails.secrets import Secrets
from guardrails.verdict import Stage

# Tokens are put together here, so that scanners of this repository stay quiet.
RANDOM = "q7Zp2Lk9Xw4Rt6Vb1Nm8Jh3Gf5Ds0Ac7Yu2Ei9"
AWS = "AKIA" + "Q7ZP2LK4XW6RT3VB"
GITHUB = "ghp_" + RANDOM[:36]
SLACK = "xoxb-" + "781236542736-2364535789652-GkwFDQoHqzXDVsC6GzqYUypD"
STRIPE = "sk_live_" + RANDOM[:24]
GOOGLE = "AIza" + "SyB3kD9fQ2mX7pL5vR8tW1zN6cJ4hG0sEaU"
JWT = "eyJhbGciOiJIUzI1NiIsInR5" + "." + "eyJzdWIiOiIxMjM0NTY3ODkw" + "." + RANDOM
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEF\n-----END RSA PRIVATE KEY-----"


def found(text):
    findings = Secrets().inspect(Sample(text, Stage.INPUT)).findings
    return {(each.label, text[each.start : each.end]) for each in findings}


@pytest.mark.parametrize(
    ("text", "label", "secret"),
    [
        (f"use {AWS} for it", "AWS_ACCESS_KEY", AWS),
        (f"token: {GITHUB}", "GITHUB_TOKEN", GITHUB),
        (f"bot {SLACK}.", "SLACK_TOKEN", SLACK),
        (f"pay with {STRIPE}", "STRIPE_KEY", STRIPE),
        (f"maps {GOOGLE}", "GOOGLE_API_KEY", GOOGLE),
        (f"Bearer {JWT}", "JWT", JWT),
        (f"here:\n{KEY}\nbye", "PRIVATE_KEY", KEY),
        (KEY[:60], "PRIVATE_KEY", KEY[:60]),
        (f'api_key = "{RANDOM}"', "SECRET", RANDOM),
        (f"client_secret: {RANDOM}", "SECRET", RANDOM),
        ("password=hunter2!", "PASSWORD", "hunter2!"),
        ("The password is Tr0ub4dor&3", "PASSWORD", "Tr0ub4dor&3"),
        ("postgres://app:s3cr3tpw@db/main", "LOGIN", "s3cr3tpw"),
        ("curl -u elastic:chang3d https://host", "LOGIN", "chang3d"),
        (f"Authorization: Bearer {RANDOM}", "AUTHORIZATION", RANDOM),
    ],
)
def test_a_credential_is_found_whole(text, label, secret):
    assert (label, secret) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Passwords must have 14 characters and are changed every year.",
        "password: at least twelve characters",
        "password = <your password>",
        "password=$DB_PASSWORD",
        "API_KEY=xxxxxxxxxxxxxxxxxxxxxxxx",
        "token: ...",
        "The key is under the mat in building 7.",
        "key: primary_key_column_name",
        "api_key = os.environ['API_KEY']",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "AKIAXXXXXXXXXXXXXXXX",
        "curl -u user:password https://host",
        "https://example.com/page#key=section-2",
        "Order 4711-2024-000123 of 12.03.2024, EUR 1,200.00",
        "commit 9a038989604e8da62ecddbe2094b16ce1b778be1",
        "The secretary keeps the token machine.",
        "",
    ],
)
def test_what_only_looks_like_a_credential_passes(text):
    assert found(text) == set()


def test_every_secret_becomes_a_placeholder_that_names_its_kind():
    (finding,) = Secrets().inspect(Sample(f"use {AWS}", Stage.INPUT)).findings
    assert finding.replacement == "<AWS_ACCESS_KEY>"
    assert AWS not in finding.reason
