"""The engines of deploy/ are started as the service needs them: adapters, calibrations, control tokens."""

from pathlib import Path
from typing import Any

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
SERVICE = "PLUMBLINE_SERVICE__"


def overlay(kind: str) -> dict[str, Any]:
    """The services of a compose file."""
    services: dict[str, Any] = yaml.safe_load((DEPLOY / f"compose.{kind}.yaml").read_text())["services"]
    return services


def pod() -> dict[str, Any]:
    stateful, *_ = yaml.safe_load_all((DEPLOY / "kubernetes" / "vllm.yaml").read_text())
    (container,) = stateful["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = container
    return found


def configured() -> dict[str, str]:
    data: dict[str, str] = yaml.safe_load((DEPLOY / "kubernetes" / "config.yaml").read_text())["data"]
    return data


def mounted(service: dict[str, Any]) -> set[str]:
    return {volume.removesuffix(":ro").rpartition(":")[2] for volume in service["volumes"]}


@pytest.mark.parametrize(
    "told",
    [
        overlay("gpu")["vllm"]["command"],
        pod()["args"],
        (DEPLOY / "vllm" / "serve.py").read_text(),
    ],
    ids=["compose", "kubernetes", "serve"],
)
def test_an_engine_that_loads_adapters_answers_as_several_at_once(told):
    assert "--max-loras=4" in told
    assert "--max-cpu-loras=8" in told


@pytest.mark.parametrize("told", [overlay("cpu")["vllm"]["command"], overlay("gpu")["vllm"]["command"]])
def test_engines_weigh_first_tokens(told):
    assert "--logits-processors=first_token:FirstToken" in told


@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_images_of_engines_hold_what_weighs_first_tokens(kind):
    image = (DEPLOY / "docker" / f"vllm-{kind}.Dockerfile").read_text()
    assert "COPY deploy/vllm/first_token.py /opt/plumbline/" in image
    assert "PYTHONPATH=/opt/plumbline" in image
    assert "VLLM_USE_V2_MODEL_RUNNER=0" in image


@pytest.mark.parametrize("kind", ["cpu", "gpu"])
def test_the_service_of_compose_has_the_engines_own_tokenizer_and_the_adapters(kind):
    service = overlay(kind)["service"]
    given = service["environment"]
    assert {given[f"{SERVICE}ENGINE_TOKENIZER"], given[f"{SERVICE}ADAPTERS"]} == mounted(service)
    assert "--model=/model" in overlay(kind)["vllm"]["command"]
    assert given[f"{SERVICE}ENGINE_TOKENIZER"] == "/model"


def test_on_kubernetes_the_service_has_the_engines_own_tokenizer():
    assert f"--model={configured()[f'{SERVICE}ENGINE_TOKENIZER']}" in pod()["args"]


def test_the_base_model_of_the_adapters_is_named_wherever_they_are_loaded():
    assert "${BASE:" in overlay("gpu")["service"]["environment"][f"{SERVICE}MODEL"]
    assert configured()[f"{SERVICE}MODEL"]


def test_a_merged_adapter_is_served_by_its_own_name():
    assert "${ADAPTER:" in overlay("cpu")["service"]["environment"][f"{SERVICE}ENGINE_MODEL"]
