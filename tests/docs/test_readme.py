"""What the README tells a user to do exists, and its examples are valid."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from guardrails.policy_file import load_policy
from guardrails.settings import GuardrailsSettings
from guardrails.verdict import Stage
from ingest.folder import Manifest
from service.app import ROUTES
from service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TABLES = {"guardrails": GuardrailsSettings, "service": ServiceSettings}


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("target", sorted(set(re.findall(r"(?:`|^)make ([a-z]+)", README, re.MULTILINE))))
def test_every_make_target_exists(target):
    assert target in re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)


COMMAND = re.compile(r"-m ((?:ingest|service|guardrails|finetune|eval)(?: [a-z]+)+)")


@pytest.mark.parametrize("command", sorted(set(COMMAND.findall(README))))
def test_every_command_exists(command):
    module, *words = command.split()
    names = words[:2] if words[0] == "keys" else words[:1]
    done = subprocess.run(
        [sys.executable, "-m", module, *names, "--help"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()


def test_settings_in_examples_are_settings():
    examples = [tomllib.loads(block) for block in blocks("toml")]
    assert examples
    for example in examples:
        for table, values in example.items():
            assert set(values) <= set(TABLES[table].model_fields)


def test_the_manifest_in_the_example_is_valid():
    manifest, _ = blocks("yaml")
    assert Manifest.model_validate(yaml.safe_load(manifest))


def test_the_policy_in_the_example_is_valid(tmp_path):
    _, policy = blocks("yaml")
    file = tmp_path / "support-desk.yaml"
    file.write_text(policy)
    loaded = load_policy(file)
    assert loaded.rules(Stage.PASSAGE)["pii"].restore
    assert loaded.rules(Stage.INPUT)["toxicity"].shadow
    assert [entry.name for entry in loaded.rails.custom] == ["code-names"]


def test_every_public_route_is_in_the_readme():
    paths = {route.path for module in ROUTES for route in module.router.routes if route.include_in_schema}
    assert len(paths) > 8
    table = README.replace("`GET`, `DELETE /v1/documents/{id}`", "/v1/documents/{document_id}")
    assert not [path for path in paths if re.sub(r"\{[a-z_]+\}", "{", path).partition("{")[0] not in table]


def test_no_line_is_left_to_be_filled_in():
    assert not re.findall(r"^[A-Z]{4,}$|DEMOTIMES", README, re.MULTILINE)
