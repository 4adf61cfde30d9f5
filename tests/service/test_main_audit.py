"""`python -m service audit`: decisions are shown, exported and, once exported, pruned."""

import json

import pytest
from typer.testing import CliRunner

import service.__main__ as command_line
from ingest.access import Principal
from service.answer import Answer
from service.audit import Audit
from tests.service.test_audit import INPUT, SHADOW

ANNA, EVE = Principal("acme", "anna"), Principal("evil", "eve")


@pytest.fixture(autouse=True)
def filled(settings, ledger, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_HOME", str(settings.folder))
    monkeypatch.chdir(settings.folder.parent)
    for number, principal in enumerate((ANNA, EVE)):
        ledger.record(principal, "q", Answer(f"ans-{number}", "m", "t", "stop", decisions=(INPUT, SHADOW)))


def call(*arguments):
    return CliRunner().invoke(command_line.app, ["audit", *map(str, arguments)], env={"COLUMNS": "250"})


@pytest.mark.parametrize(
    ("options", "rails"),
    [
        ((), ["harm", "injection"]),
        (("--shadow",), ["harm"]),
        (("--acting",), ["injection"]),
        (("--rail", "harm", "--stage", "input", "--action", "flag"), ["harm"]),
        (("--since", "2999-01-01"), []),
        (("--text", "q"), []),
        (("--subject", "eve"), []),
        (("--limit", "1"), ["harm"]),
    ],
)
def test_decisions_of_the_tenant_are_listed(options, rails):
    told = json.loads(call("list", "--tenant", "acme", "--json", *options).stdout)
    assert [each["rail"] for each in told["entries"]] == rails


def test_people_see_a_table_with_what_is_in_shadow_in_brackets():
    done = call("list", "--tenant", "acme")
    assert done.exit_code == 0, done.output
    assert "(flag)" in done.stdout
    assert "an attack" in done.stdout
    assert call("list").stdout.strip() == "nothing was decided"


def test_what_is_exported_may_be_pruned_and_nothing_else_is(ledger, tmp_path):
    file = tmp_path / "audit.jsonl"
    done = call("export", "--tenant", "acme", "--out", file, "--prune", "--json")
    assert json.loads(done.stdout) == {"rows": 2, "pruned": 2, "out": str(file)}
    assert [json.loads(line)["rail"] for line in file.read_text().splitlines()] == ["injection", "harm"]
    assert file.stat().st_mode & 0o077 == 0
    audit = Audit(ledger.transaction)
    assert (len(list(audit.entries(ANNA))), len(list(audit.entries(EVE)))) == (0, 2)


def test_a_file_that_is_there_is_not_written_over_and_nothing_is_pruned(ledger, tmp_path):
    file = tmp_path / "audit.jsonl"
    file.write_text("before")
    assert call("export", "--tenant", "acme", "--out", file, "--prune").exit_code == 2
    assert file.read_text() == "before"
    assert len(list(Audit(ledger.transaction).entries(ANNA))) == 2
