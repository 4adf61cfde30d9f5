"""What adapters are examined with: what the service answers with, and nothing before it is wanted."""

import importlib.util
import subprocess
import sys
from pathlib import Path

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
    ("module", "counts"),
    [
        ("eval.adapter", True),
        ("guardrails.answerability", True),
        ("guardrails.sentences", True),
        ("guardrails.tokens", True),
        ("service.calibration", True),
        ("service.chat", True),
        ("service.citations", True),
        ("service.embedded", True),
        ("service.generate", True),
        ("service.scrutiny", True),
        ("service.models", True),
        ("service.prompts", True),
        ("service.reading", True),
        ("service.server", False),
    ],
)
def test_replies_are_asked_anew_once_the_code_that_makes_them_is_another(home, monkeypatch, module, counts):
    before, read = manner(), Path.read_bytes
    changed = Path(importlib.util.find_spec(module).origin)
    monkeypatch.setattr(Path, "read_bytes", lambda file: read(file) + b"#" * (file == changed))
    assert (manner() != before) is counts


def test_replies_are_asked_anew_once_the_base_models_weights_are_others(home):
    weights = home / "base" / "model.safetensors"
    weights.write_bytes(b"first")
    before = manner()
    assert manner() == before
    weights.write_bytes(b"other")
    assert manner() != before


def test_a_base_model_that_is_no_folder_goes_by_its_name(home, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_SERVICE__MODEL", "SmolLM2-135M-Instruct")
    assert manner().startswith("SmolLM2-135M-Instruct\n")


def test_help_imports_no_model():
    models = {"torch", "transformers", "peft", "sentence_transformers"}
    code = f"import sys, finetune.__main__; print({models} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
