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
PUTTY = f"PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 8\n{RANDOM}\nPrivate-MAC:"
UUID = "f4aeb6bc-2a25-458a-8111-9be9e502c0e7"
SHA1 = "9a038989604e8da62ecddbe2094b16ce1b778be1"


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
        ("Authorization: Basic YnJvd3Nlcjo=", "AUTHORIZATION", "YnJvd3Nlcjo="),
        (f"X-Api-Key: {RANDOM}", "SECRET", RANDOM),
        (f"tool login --token {RANDOM}", "SECRET", RANDOM),
        (f"<apiKey>{RANDOM}</apiKey>", "SECRET", RANDOM),
        (f'{{"name": "API_KEY", "value": "{RANDOM}"}}', "SECRET", RANDOM),
        (f"Here is the API key for staging: {RANDOM}", "SECRET", RANDOM),
        (f"machine host login bob password {RANDOM}", "PASSWORD", RANDOM),
        ("das Passwort lautet Sommer2024!", "PASSWORD", "Sommer2024!"),
        ("le mot de passe est Soleil2024!", "PASSWORD", "Soleil2024!"),
        ("jdbc:mysql://h/db?user=root&password=Zx9!kkQ2", "PASSWORD", "Zx9!kkQ2"),
        ("password = 'letmein'", "PASSWORD", "letmein"),
        ("connect(password=hunter2!)", "PASSWORD", "hunter2!"),
        ("sshpass -p Zx9kkQ2 ssh host", "LOGIN", "Zx9kkQ2"),
        ("redis://:p4ssw0rd@10.0.0.1:6379", "LOGIN", "p4ssw0rd"),
        (f"AccountKey={RANDOM}{RANDOM}{RANDOM[:10]}==", "AZURE_SECRET", f"{RANDOM}{RANDOM}{RANDOM[:10]}=="),
        (f"acme_live_{RANDOM}", "API_KEY", f"acme_live_{RANDOM}"),
        (f"heroku: {UUID}", "SECRET", UUID),
        (f"BUNDLE_GEMS__EXAMPLE__COM: {'cafebabe'}:{'deadbeef'}", "SECRET", "cafebabe:deadbeef"),
        (PUTTY, "PRIVATE_KEY", PUTTY),
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
        "Rotate your API keys every 90 days and store the secret in a vault.",
        "Your password is case-sensitive.",
        "password policy: at-least-8-characters, 1-digit",
        "The secret is to use 2-inch nails.",
        "Die Passwörter müssen 12 Zeichen haben.",
        "API_KEY=<your key> and TOKEN=${{ secrets.TOKEN }}",
        "Authorization: Bearer YOUR_ACCESS_TOKEN",
        "Authorization: Basic ...",
        'password: "********"',
        "password=os.getenv('PW')",
        "password: Annotated[str, Form()]",
        'secret_key = "change-me-please-123"',
        "secret = " + "wJalrXUtnFEMI/K7MDENG/bPxRfiCY" + "EXAMPLEKEY",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "token = 1234123412341234123412341234",
        "token = abcdefghijklmnop1234567890",
        f"api_version={SHA1}",
        f"the token cache was filled at commit {SHA1}",
        f"clientId = {UUID}",
        f"credentialsId: '{UUID}'",
        f'publicToken = "{RANDOM}"',
        f'csrf-token="{RANDOM}"',
        f'next_page_token="{RANDOM}"',
        f'"integrity": "sha512-{RANDOM}{RANDOM}=="',
        f"data:image/png;base64,iVBORw0KGgo/{AWS}/{GOOGLE}",
        f"ssh-rsa AAAAB3NzaC1yc2E{RANDOM}{RANDOM} bob@host",
        f"https://example.com/img/box.ico-{SHA1[:32]}.png",
        "-----BEGIN PRIVATE KEY-----\nanything\n-----END PRIVATE KEY-----",
        "-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0BAQEF\n-----END CERTIFICATE-----",
        f"x{GITHUB} and {STRIPE[:15]}",
        "private_key_path: ~/.ssh/id_rsa and token_url=https://example.com/oauth2/token",
        "",
    ],
)
def test_what_only_looks_like_a_credential_passes(text):
    assert found(text) == set()


def test_every_secret_becomes_a_placeholder_that_names_its_kind():
    (finding,) = Secrets().inspect(Sample(f"use {AWS}", Stage.INPUT)).findings
    assert finding.replacement == "<AWS_ACCESS_KEY>"
    assert AWS not in finding.reason


def test_a_secret_that_two_patterns_find_is_told_once_by_the_surer():
    (finding,) = Secrets().inspect(Sample(f"GITHUB_TOKEN={GITHUB}", Stage.INPUT)).findings
    assert (finding.label, finding.score) == ("GITHUB_TOKEN", 0.95)
