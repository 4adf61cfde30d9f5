"""What adapters are examined with: what the service answers with, and nothing before it is wanted."""

import pytest

from finetune.commands.examining import examiner


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A house of its own, whose base model is the folder `base` and whose rails load no model."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path))
    monkeypatch.setenv("PLUMBLINE_SERVICE__MODEL", str(tmp_path / "base"))
    policy = tmp_path / "policy.yaml"
    policy.write_text("name: plain\nmessage: Stopped.\nstages:\n  output: {secrets: {action: block}}\n")
    monkeypatch.setenv("PLUMBLINE_GUARDRAILS__POLICY", str(policy))
    (tmp_path / "base").mkdir()
    return tmp_path


def manner(name="qa-1"):
    with examiner() as examining:
        return examining.manner(name)


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("EMBEDDER_URL", "https://vectors.example/v1", "remote/"),
        ("QUERY_PROMPT", "query: ", "prompts="),
        ("EMBEDDING_DIMENSION", "128", "dimension=128"),
    ],
)
def test_likeness_is_measured_by_the_embedder_that_the_service_uses(home, monkeypatch, setting, value, named):
    assert named not in manner()
    monkeypatch.setenv(f"PLUMBLINE_INGEST__{setting}", value)
    assert named in manner()
