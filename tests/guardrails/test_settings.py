"""Which policy holds for whom, as `plumbline.toml` and the environment say it."""

import pytest
from pydantic import ValidationError

from guardrails.settings import GuardrailsSettings
from guardrails.shelf import Assignments

TABLE = """
[guardrails]
policy = "balanced"

[guardrails.tenants]
acme = "strict"
lab = "policies/lab.yaml"

[guardrails.keys]
"acme/bot" = "open"
"""


@pytest.fixture
def configured(tmp_path, monkeypatch):
    def write(text):
        file = tmp_path / "plumbline.toml"
        file.write_text(text)
        monkeypatch.setenv("PLUMBLINE_CONFIG", str(file))

    return write


@pytest.mark.parametrize(
    ("tenant", "subject", "policy"),
    [
        ("default", None, "balanced"),
        ("acme", None, "strict"),
        ("acme", "anna", "strict"),
        ("acme", "bot", "open"),
        ("lab", "bot", "policies/lab.yaml"),
        ("other", "bot", "balanced"),
    ],
)
def test_tenants_and_keys_have_policies_of_their_own(configured, tenant, subject, policy):
    configured(TABLE)
    assert Assignments.of(GuardrailsSettings()).policy(tenant, subject) == policy


def test_the_environment_names_them_as_json(monkeypatch):
    monkeypatch.setenv("PLUMBLINE_GUARDRAILS__TENANTS", '{"acme": "strict"}')
    assert Assignments.of(GuardrailsSettings()).policy("acme") == "strict"


@pytest.mark.parametrize(
    "fault", ['[guardrails.tenants]\nacme = ["strict"]', '[guardrails]\ntenant = "acme"']
)
def test_a_table_that_says_something_else_is_an_error(configured, fault):
    configured(fault)
    with pytest.raises(ValidationError):
        GuardrailsSettings()
