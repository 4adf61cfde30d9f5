"""An image holds what the program needs, and not what its developers need."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_spec = importlib.util.spec_from_file_location("runtime", ROOT / "deploy/docker/runtime.py")
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

PROJECT = """
[project]
dependencies = ["a-package"]
[dependency-groups]
dev = ["Some.Tool>=1.0", "types-X", "other[extra]~=2.0"]
"""


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("a_package==1.0", True),
        ("some-tool==1.2", False),
        ("some_tool==1.2", False),
        ("some-tool-kit==1.2", True),
        ("types-X==0.1", False),
        ("other==2.1", False),
        ("# a comment", False),
        ("", False),
    ],
)
def test_developers_tools_stay_out(line: str, stays: bool):
    assert script.runtime(line, PROJECT) == ([line] if stays else [])


def test_the_programs_own_packages_stay_and_the_checkers_do_not():
    lock, project = (ROOT / "requirements.lock").read_text(), (ROOT / "pyproject.toml").read_text()
    kept = {line.partition("==")[0] for line in script.runtime(lock, project)}
    assert {"torch", "fastapi", "psycopg", "psycopg-binary", "SQLAlchemy"} <= kept
    assert not {"ruff", "mypy", "pytest", "kubernetes-validate"} & kept
