import pytest

from service.calibration import Calibration, Pointed, calibration, keep
from service.errors import ModelUnavailable


@pytest.mark.parametrize(
    "manner", [Calibration(), Calibration(-2.1), Calibration(-4.0, Pointed("answerability-1", -3.0, 0.5))]
)
def test_an_adapters_folder_says_how_it_is_used(tmp_path, manner):
    keep(tmp_path, manner)
    assert calibration(tmp_path) == manner


def test_engines_weigh_first_tokens_where_there_is_anything_to_add():
    assert not Calibration().weighs
    assert Calibration(-1.0).weighs
    assert Calibration(pointed=Pointed("answerability-1", 0.0, 1.0)).weighs


@pytest.mark.parametrize("pointed", [None, Pointed("answerability-1", -3.0, 0.5)])
def test_without_constants_the_way_of_reading_is_the_same(pointed):
    plain = Calibration(-1.0, pointed).without_constants
    assert (plain.constant, plain.pointed is None) == (0.0, pointed is None)
    assert plain.pointed is None or plain.pointed == Pointed("answerability-1", 0.0, 0.0)


def test_the_more_speaks_against_an_answer_the_readier_it_refuses():
    pointed = Pointed("answerability-1", -3.0, 0.5)
    assert (pointed.lean(-4.0), pointed.lean(0.0), pointed.lean(6.0)) == (-5.0, -3.0, 0.0)


def test_no_adapter_and_one_that_says_nothing_are_used_plainly(tmp_path):
    assert calibration(None) == calibration(tmp_path) == Calibration()


def test_an_adapter_of_an_older_release_reads_all_passages(tmp_path):
    kept = '{"readings": 2, "first": -4.0, "second": -3.0, "doubt": {"embedder": "x", "weight": 1.0}}'
    (tmp_path / "calibration.json").write_text(kept)
    assert calibration(tmp_path) == Calibration(-4.0)


@pytest.mark.parametrize(
    "kept",
    [
        "{",
        "[]",
        "{}",
        '{"constant": []}',
        '{"constant": 0}',
        '{"constant": "?", "pointed": null}',
        '{"constant": 0, "pointed": {"by": "x"}}',
        '{"constant": 0, "pointed": 3}',
        '{"readings": 2}',
    ],
)
def test_a_damaged_calibration_is_an_error_that_says_what_to_do(tmp_path, kept):
    (tmp_path / "calibration.json").write_text(kept)
    with pytest.raises(ModelUnavailable, match="calibrate the adapter anew"):
        calibration(tmp_path)
