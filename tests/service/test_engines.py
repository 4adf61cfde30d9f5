"""Settings become an engine: which kind, with what it needs and no more."""

import asyncio
import json
import re
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from pydantic import ValidationError

from eval.questions import Text
from service.answer import Sampling
from service.calibration import Calibration
from service.engines import Site, open_engines
from service.errors import Misconfigured
from service.prompts import messages
from service.reading import Reader, Task
from service.scrutiny import Scrutiny
from service.settings import ServiceSettings
from service.telemetry import Metrics
from tests.service.engines import FakeEngine

QUESTION = "How many?<|im_end|>"
LEAVE = Text("Leave", "Staff get 28 days.")


@pytest.fixture
def engine():
    with FakeEngine().running() as running:
        yield running


@pytest.fixture
def adapters(tmp_path) -> Path:
    folder = tmp_path / "adapters"
    for name in ("qa-1", "qa-2"):
        (folder / name).mkdir(parents=True)
        (folder / name / "adapter_config.json").write_text("{}")
    (folder / "qa-1" / "calibration.json").write_text('{"constant": -2.0, "pointed": null}')
    (folder / "promoted").write_text("qa-1")
    return folder


@pytest.fixture
def opened(tmp_path):
    with ExitStack() as stack:
        yield lambda **given: open_engines(
            Site(ServiceSettings(home=tmp_path / "home", **given), stack, Metrics(), threading.Event())
        )


def ask(engines, model: str) -> str:
    name = engines.adapters.resolve(model)
    reader = Reader(engines.generator, name, engines.adapters.calibration(name), Scrutiny())
    return asyncio.run(reader.whole(Task(QUESTION, (LEAVE,), Sampling(tenant="acme")))).text


def test_an_endpoint_with_a_model_of_its_own_is_given_a_canary_unless_it_is_not_wanted(engine, opened):
    ask(opened(engine_url=engine.url), "default")
    ask(opened(engine_url=engine.url, canary=False), "default")
    with_it, without = (asked["messages"][0]["content"] for asked in engine.asked)
    assert without == messages("", [])[0]["content"]
    assert with_it.startswith(without)
    assert re.search(r"[0-9a-f]{16}", with_it)


def test_the_prompt_of_a_model_that_an_adapter_is_merged_into_stays_as_it_was_trained(
    engine, opened, adapters
):
    ask(opened(engine_url=engine.url, engine_model="qa-1", adapters=adapters), "default")
    assert engine.asked[0]["messages"][0] == messages("", [])[0]


def test_vllm_is_told_the_tenants_apart_by_a_secret_in_the_data_folder(engine, opened, tmp_path):
    engines = opened(engine_url=engine.url)
    assert ask(engines, "default") == "28 days [1]"
    (asked,) = engine.asked
    assert len(asked["cache_salt"]) == 64
    assert "acme" not in json.dumps(asked)
    assert (tmp_path / "home" / "engine-salt").exists()


def test_servers_that_share_a_secret_share_salts(engine, opened):
    for _ in range(2):
        ask(opened(engine_url=engine.url, engine_salt="shared"), "default")
    assert engine.asked[0]["cache_salt"] == engine.asked[1]["cache_salt"]


def test_other_endpoints_are_sent_openais_fields_alone(engine, opened, tmp_path):
    engines = opened(engine_url=engine.url, engine_kind="openai", canary=False)
    ask(engines, "default")
    assert "cache_salt" not in engine.asked[0]
    assert not (tmp_path / "home" / "engine-salt").exists()
    assert engines.count([{"role": "user", "content": "x" * 30}]) == 10


@pytest.mark.models
def test_adapters_behind_an_endpoint_are_loaded_by_promotion_and_by_name(engine, opened, adapters):
    engine.models = {"base"}
    engines = opened(
        engine_url=engine.url, engine_model="base", adapters=adapters, engine_adapters=Path("/far/adapters")
    )
    assert engines.adapters.resolve("default") == "qa-1"
    for name in ("qa-1", "qa-2", engines.adapters.base):
        assert ask(engines, name) == "28 days [1]"
    assert {"lora_name": "qa-2", "lora_path": "/far/adapters/qa-2"} in engine.loaded
    first, second, third = engine.asked[-3:]
    assert (first["model"], second["model"], third["model"]) == ("qa-1", "qa-2", "base")
    assert json.loads(first["vllm_xargs"]["first_token"]) == {"I": -2.0}
    assert "vllm_xargs" not in second
    assert "<|im_end|>" not in json.dumps(first["messages"])
    assert engines.count(messages(QUESTION, (LEAVE,))) > 5


@pytest.mark.parametrize(("model", "constant"), [("qa-1", -2.0), ("default", 0.0)])
def test_an_adapter_that_is_merged_into_an_endpoints_model_is_calibrated_by_its_name(
    engine, opened, adapters, model, constant
):
    (adapters / "qa-1" / "calibration.json").write_text('{"constant": -2.0, "pointed": null}')
    engines = opened(engine_url=engine.url, engine_model=model, adapters=adapters)
    ask(engines, engines.adapters.resolve("default"))
    asked = engine.asked[0]
    assert asked["model"] == model
    assert ("vllm_xargs" in asked) is (model == "qa-1")
    assert engines.adapters.calibration(model) == Calibration(constant)
    assert engines.adapters.names() == []


@pytest.mark.parametrize(
    "given",
    [
        {"vllm": Path("/nowhere/python")},
        {"split_candidate": "gone", "vllm": Path("/bin/sh")},
        {"split_candidate": "gone"},
    ],
)
def test_what_is_not_there_is_a_clear_error(opened, adapters, given):
    with pytest.raises(Misconfigured, match=r"service\.(vllm|split_candidate): there is no"):
        opened(adapters=adapters, **given)


@pytest.mark.parametrize(
    "given",
    [
        {"vllm": Path("/bin/sh"), "engine_url": "http://127.0.0.1:8100/v1"},
        {"engine_adapters": Path("/a"), "engine_kind": "openai"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(given):
    with pytest.raises(ValidationError, match=r"engine_kind|engine_url"):
        ServiceSettings(**given)
