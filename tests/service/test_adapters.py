import pytest

from service.adapters import AdapterRegistry
from service.calibration import Calibration
from service.errors import ModelUnavailable, UnknownModel
from service.split import Split


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


def test_an_adapter_for_another_base_model_is_not_offered_and_the_base_answers(folder, capsys):
    (folder / "promoted").write_text("qa-2")
    (folder / "qa-2" / "card.json").write_text('{"base": "another"}')
    registry = AdapterRegistry(folder, "base")
    assert registry.names() == ["qa-1"]
    assert [registry.resolve("default") for _ in range(3)] == ["base"] * 3
    assert "".join(capsys.readouterr()).count("promoted adapter is for another base model") == 1


def test_what_is_being_served_wins_over_the_pointer(folder):
    registry = AdapterRegistry(folder, "base")
    (folder / "promoted").write_text("qa-2")
    registry.serve("qa-1")
    assert (registry.resolve("default"), registry.promoted()) == ("qa-1", "qa-2")


def test_a_comparison_takes_its_share_of_what_asks_for_the_default(folder):
    (folder / "promoted").write_text("qa-1")
    registry = AdapterRegistry(folder, "base")
    registry.compare(Split("qa-2", 1.0))
    assert registry.choose("default", "k") == ("qa-2", "candidate")
    assert registry.choose("default", None) == ("qa-1", "")
    assert registry.choose("qa-1", "k") == ("qa-1", "")
    registry.compare(Split("qa-2", 0.0))
    assert registry.choose("default", "k") == ("qa-1", "baseline")


def test_a_candidate_that_is_promoted_is_no_longer_compared(folder):
    (folder / "promoted").write_text("qa-2")
    registry = AdapterRegistry(folder, "base")
    registry.compare(Split("qa-2", 1.0))
    assert registry.choose("default", "k") == ("qa-2", "")


def test_a_comparison_that_is_wanted_has_no_share_before_it_is_made(folder):
    (folder / "promoted").write_text("qa-1")
    registry = AdapterRegistry(folder, "base", split=Split("qa-2", 1.0))
    assert registry.choose("default", "k") == ("qa-1", "")


def test_the_canary_file_names_the_candidate_and_the_setting_wins_over_it(folder):
    registry = AdapterRegistry(folder, "base")
    assert registry.comparison() is None
    (folder / "canary").write_text('{"candidate": "qa-2", "share": 0.1}')
    assert registry.comparison() == Split("qa-2", 0.1)
    assert AdapterRegistry(folder, "base", split=Split("qa-1", 0.5)).comparison() == Split("qa-1", 0.5)


def test_who_is_pinned_to_an_adapter_does_not_follow_the_canary_file(folder):
    (folder / "canary").write_text('{"candidate": "qa-2", "share": 0.1}')
    assert AdapterRegistry(folder, "base", "qa-1").comparison() is None
    both = AdapterRegistry(folder, "base", "qa-1", split=Split("qa-2", 0.5))
    assert both.comparison() == Split("qa-2", 0.5)


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[]",
        "{}",
        '{"candidate": "qa-2"}',
        '{"candidate": "qa-2", "share": 1.5}',
        '{"candidate": "qa-2", "share": NaN}',
        '{"candidate": "gone", "share": 0.1}',
    ],
)
def test_a_canary_file_that_says_nothing_is_a_clear_error(folder, damaged):
    (folder / "canary").write_text(damaged)
    with pytest.raises(ModelUnavailable, match=r"canary"):
        AdapterRegistry(folder, "base").comparison()


def test_an_adapters_calibration_is_its_folders_and_the_base_has_none(folder):
    (folder / "qa-1" / "calibration.json").write_text('{"constant": -2.0, "pointed": null}')
    registry = AdapterRegistry(folder, "base")
    assert registry.calibration("qa-1") == Calibration(-2.0)
    assert registry.calibration("base") == Calibration()


@pytest.mark.parametrize("damaged", ['{"base": ', "[1]", "7", "null"])
def test_a_damaged_card_is_a_clear_error(tmp_path, damaged):
    folder = tmp_path / "qa-1"
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    (folder / "card.json").write_text(damaged)
    with pytest.raises(ModelUnavailable, match="copy the adapter anew"):
        AdapterRegistry(tmp_path, "base").names()


def test_a_damaged_card_is_no_matter_of_the_others(folder):
    (folder / "promoted").write_text("qa-1")
    (folder / "canary").write_text('{"candidate": "qa-1", "share": 0.1}')
    (folder / "qa-2" / "card.json").write_text("{")
    registry = AdapterRegistry(folder, "base")
    assert (registry.promoted(), registry.resolve("qa-1")) == ("qa-1", "qa-1")
    assert registry.comparison() == Split("qa-1", 0.1)
