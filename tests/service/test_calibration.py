import pytest

from service.calibration import ONCE, TWICE, Calibration, Doubt, calibration, keep
from service.errors import ModelUnavailable


@pytest.mark.parametrize(
    "manner",
    [
        Calibration(),
        Calibration(ONCE, -2.1),
        Calibration(TWICE, -4.0, -3.0),
        Calibration(TWICE, -4.0, -3.0, Doubt("minilm", -6.0, 8.5)),
    ],
)
def test_an_adapters_folder_says_how_it_is_used(tmp_path, manner):
    keep(tmp_path, manner)
    assert calibration(tmp_path) == manner


@pytest.mark.parametrize("readings", [ONCE, TWICE])
def test_engines_weigh_first_tokens_where_there_is_anything_to_add(readings):
    assert not Calibration(readings).weighs
    assert Calibration(readings, first=-1.0).weighs
    assert Calibration(readings, doubt=Doubt("minilm", 0.0, 1.0)).weighs


def test_no_adapter_and_one_that_says_nothing_are_used_plainly(tmp_path):
    assert calibration(None) == calibration(tmp_path) == Calibration()


@pytest.mark.parametrize(
    "kept",
    [
        "{",
        "[]",
        "{}",
        '{"readings": []}',
        '{"readings": 2}',
        '{"readings": 2, "first": "?"}',
        '{"readings": 2, "first": 0, "doubt": {"embedder": "x"}}',
        '{"readings": 2, "first": 0, "doubt": 3}',
    ],
)
def test_a_damaged_calibration_is_an_error_that_says_what_to_do(tmp_path, kept):
    (tmp_path / "calibration.json").write_text(kept)
    with pytest.raises(ModelUnavailable, match="calibrate the adapter anew"):
        calibration(tmp_path)
