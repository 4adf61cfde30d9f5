"""The demo's programs: they find the machine as the Makefile does."""

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stack(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "deploy" / "demo"))
    yield importlib.import_module("stack")
    sys.modules.pop("stack", None)


def test_the_demo_sees_a_gpu_where_the_makefile_installs_vllm_for_one(stack):
    assert f"$(if $(wildcard {stack.GPU}),cuda,cpu)" in (ROOT / "Makefile").read_text()
