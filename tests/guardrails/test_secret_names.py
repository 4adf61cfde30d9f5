import pytest

from guardrails.secret_names import Promise, promise


@pytest.mark.parametrize(
    ("name", "promised"),
    [
        ("API_KEY", Promise.SECRET),
        ("apiKey", Promise.SECRET),
        ("apikey", Promise.SECRET),
        ("stripe.secretKey", Promise.SECRET),
        ("access-token", Promise.SECRET),
        ("ACCESSTOKEN_PROD", Promise.SECRET),
        ("aws_secret_access_key", Promise.SECRET),
        ("credentials", Promise.SECRET),
        ("spring.datasource.password", Promise.PASSWORD),
        ("dbPassword2", Promise.PASSWORD),
        ("SMTP_PASS", Promise.PASSWORD),
        ("Passwort", Promise.PASSWORD),
        ("key", None),
        ("primary_key_column", None),
        ("foreign_key", None),
        ("publicKey", None),
        ("csrf_token", None),
        ("secretName", None),
        ("tokenType", None),
        ("credentialsId", None),
        ("passwordHash", None),
        ("fakeToken", None),
        ("monkey", None),
        ("compass", None),
        ("author", None),
        ("", None),
    ],
)
def test_a_name_promises_by_its_last_words(name, promised):
    assert promise(name) is promised
