import pytest

from finetune.datasets.readings import Reading, Shown, answered, read_readings, refused, write_readings


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x1c", "ä 日本"])
def test_readings_come_back_whatever_ends_a_line_elsewhere(tmp_path, mark):
    asked = (answered(f"why{mark}?", f"so{mark}it is", 1), refused("who?", "adversarial"))
    readings = [Reading((Shown(f"A{mark}B", f"It is{mark}so."),), asked)] * 2
    write_readings(tmp_path / "readings.jsonl", readings)
    assert read_readings(tmp_path / "readings.jsonl") == readings
