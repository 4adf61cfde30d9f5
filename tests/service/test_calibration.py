import pytest

from service.calibration import Calibration, calibration
from service.errors import ModelUnavailable


@pytest.mark.parametrize(
    ("kept", "means"),
    [
        ('{"first_token": {"I": -2.1}, "readings": 2}', Calibration({"I": -2.1}, 2)),
        ('{"readings": 2}', Calibration({}, 2)),
        ('{"first_token": {"I": 1}}', Calibration({"I": 1.0}, 1)),
        (None, Calibration()),
    ],
)
def test_an_adapters_folder_says_how_it_is_used(tmp_path, kept, means):
    if kept is not None:
        (tmp_path / "calibration.json").write_text(kept)
    assert calibration(tmp_path) == means


def test_no_adapter_is_used_plainly():
    assert calibration(None) == Calibration()


@pytest.mark.parametrize("kept", ["{", "[]", '{"readings": []}', '{"first_token": {"I": "?"}}'])
def test_a_damaged_calibration_is_an_error_that_says_what_to_do(tmp_path, kept):
    (tmp_path / "calibration.json").write_text(kept)
    with pytest.raises(ModelUnavailable, match="calibrate the adapter anew"):
        calibration(tmp_path)
