import json

import pytest

from service.adapters import AdapterRegistry
from service.errors import ModelUnavailable, UnknownModel


@pytest.fixture
def folder(tmp_path):
    for name in ("qa-1", "qa-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text("{}")
    (tmp_path / "half-written").mkdir()
    return tmp_path


def test_adapters_are_listed_and_half_written_ones_are_not(folder):
    assert AdapterRegistry(folder, "base").names() == ["qa-1", "qa-2"]


def test_default_follows_the_promoted_pointer(folder):
    registry = AdapterRegistry(folder, "base")
    (folder / "promoted").write_text("qa-2\n")
    assert registry.resolve("default") == "qa-2"
    (folder / "promoted").write_text("qa-1\n")
    assert registry.resolve("default") == "qa-1"


def test_the_setting_wins_over_the_pointer(folder):
    (folder / "promoted").write_text("qa-2")
    assert AdapterRegistry(folder, "base", "qa-1").resolve("default") == "qa-1"


def test_the_base_model_is_served_without_an_adapter(folder):
    registry = AdapterRegistry(folder, "base")
    assert registry.path(registry.resolve("base")) is None
    assert registry.path("qa-1") == folder / "qa-1"


@pytest.mark.parametrize("name", ["gpt-4", "../qa-1", "half-written", ""])
def test_an_unknown_model_is_named_with_those_that_exist(folder, name):
    with pytest.raises(UnknownModel, match="qa-1, qa-2, base"):
        AdapterRegistry(folder, "base").resolve(name)


def test_a_pointer_to_nothing_is_a_clear_error(folder):
    (folder / "promoted").write_text("gone")
    with pytest.raises(ModelUnavailable, match="no adapter 'gone'"):
        AdapterRegistry(folder, "base").resolve("default")


def test_an_adapter_for_another_base_model_is_not_offered_and_the_base_answers(folder):
    (folder / "promoted").write_text("qa-2")
    (folder / "qa-2" / "card.json").write_text('{"base": "another"}')
    registry = AdapterRegistry(folder, "base")
    assert registry.names() == ["qa-1"]
    assert registry.resolve("default") == "base"


@pytest.mark.parametrize(
    ("kept", "readings"), [({"readings": 2}, 2), ({"first_token": {"I": 1.0}}, 1), (None, 1)]
)
def test_an_adapters_folder_says_how_often_it_reads(tmp_path, kept, readings):
    folder = tmp_path / "qa-1"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    if kept is not None:
        (folder / "calibration.json").write_text(json.dumps(kept))
    registry = AdapterRegistry(tmp_path, "base")
    assert registry.readings("qa-1") == readings
    assert registry.readings("base") == 1


def test_a_damaged_calibration_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "qa-1").mkdir()
    (tmp_path / "qa-1" / "calibration.json").write_text('{"readings": []}')
    with pytest.raises(ModelUnavailable, match="calibrate the adapter anew"):
        AdapterRegistry(tmp_path, "base").readings("qa-1")
