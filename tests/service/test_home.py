"""A data folder that cannot be used is told by all who make it, as wrong usage."""

import pytest
from typer.testing import CliRunner

import eval.__main__ as evaluation
import service.__main__ as service


@pytest.mark.parametrize(
    ("app", "command"), [(service.app, "keys list"), (evaluation.app, "history"), (service.app, "audit list")]
)
def test_a_data_folder_that_is_a_file_is_wrong_usage(tmp_path, monkeypatch, app, command):
    (tmp_path / "file").write_text("words")
    monkeypatch.setenv("PLUMBLINE_HOME", str(tmp_path / "file"))
    told = CliRunner().invoke(app, command.split())
    assert told.exit_code == 2
    assert "set PLUMBLINE_HOME to a folder" in " ".join(told.stderr.split())
