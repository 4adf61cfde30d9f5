"""A rail's model is replaced by one that is no worse, and the one before is kept."""

import json
from dataclasses import replace

import pytest

from eval.errors import Incomparable
from eval.rails.figures import Goal, Line
from eval.stats import Figure
from finetune.errors import BadDataset, BadRegistry, Busy, Meanwhile, NothingBefore
from finetune.promotion.lock import locked
from finetune.promotion.promote_rail import Order, promote_rail, rollback_rail

AT_LEAST, AT_MOST = Goal("at least", 0.9), Goal("at most", 0.1)


@pytest.fixture
def models(tmp_path):
    """A folder with the shipped model, and a new one elsewhere."""
    shipped = tmp_path / "models" / "grounding.json"
    shipped.parent.mkdir()
    shipped.write_text("old")
    (tmp_path / "new.json").write_text("new")
    return shipped


def lines(value, goal=AT_LEAST, n=100):
    return [Line("grounding", "caught", Figure(value, value - 0.05, value + 0.05, n), goal=goal)]


def other(value, n=100):
    return [replace(line, of="long") for line in lines(value, n=n)]


def replaced(models, old, new, forced=""):
    said = {"old": old, "new": new}
    order = Order(models, models.parents[1] / "new.json", "anna", forced)
    return promote_rail(order, lambda file: said[file.read_text()])


@pytest.mark.parametrize(
    ("old", "new", "done"),
    [
        (lines(0.95), lines(0.96), True),
        (lines(0.95), lines(0.91), True),
        (lines(0.95), lines(0.89), False),
        (lines(0.80), lines(0.76), True),
        (lines(0.80), lines(0.74), False),
        (lines(0.05, AT_MOST), lines(0.09, AT_MOST), True),
        (lines(0.05, AT_MOST), lines(0.11, AT_MOST), False),
        (lines(0.95), lines(0.0, n=0), False),
        (lines(0.05, AT_MOST), lines(0.0, AT_MOST, n=0), False),
        (lines(0.95), [], False),
        (lines(0.80) + lines(0.5, None), lines(0.80), True),
        (lines(0.95) + other(0.0, n=0), lines(0.95) + other(0.1), True),
        (lines(0.95), lines(0.95) + other(0.1), True),
        (lines(0.95) + other(0.9), lines(0.95), False),
    ],
)
def test_it_replaces_the_shipped_one_unless_a_goal_is_missed_or_a_figure_falls(models, old, new, done):
    assert replaced(models, old, new).done is done
    assert models.read_text() == ("new" if done else "old")


@pytest.mark.parametrize("old", [[], lines(0.95, None), lines(0.0, n=0)])
def test_with_nothing_to_hold_it_against_it_is_not_replaced(models, old):
    with pytest.raises(Incomparable, match="rests on texts"):
        replaced(models, old, lines(0.95))
    assert models.read_text() == "old"


@pytest.mark.parametrize(("value", "event"), [(0.96, "promoted"), (0.5, "refused")])
def test_the_figures_that_decided_are_on_record(models, value, event):
    replaced(models, lines(0.95), lines(value))
    before = models.parent / "before"
    entry = json.loads((before / "grounding.jsonl").read_text().splitlines()[-1])
    told = json.loads((before / entry["evidence"]).read_text())
    assert (entry["event"], told["model"], told["by"]) == (event, entry["adapter"], "anna")
    assert (told["passed"], told["failed"]) == (event == "promoted", entry.get("failed", []))
    [figure] = told["figures"]
    assert (figure["before"]["value"], figure["after"]["value"], figure["goal"]) == (0.95, value, "≥ 0.9")
    page = (before / entry["evidence"]).with_suffix(".md").read_text()
    assert "| grounding | caught | 0.950" in page


def test_evidence_that_cannot_be_written_stops_the_move(models):
    (models.parent / "before").mkdir()
    (models.parent / "before" / "evidence").touch()
    with pytest.raises(BadRegistry, match=r"evidence.*cannot be written"):
        replaced(models, lines(0.95), lines(0.95))
    assert models.read_text() == "old"


def test_forcing_is_recorded_with_what_failed(models):
    done = replaced(models, lines(0.95), lines(0.5), "it is all we have")
    assert (done.done, models.read_text()) == (True, "new")
    history = (models.parent / "before" / "grounding.jsonl").read_text()
    told = [json.loads(line) for line in history.splitlines()]
    assert [entry["event"] for entry in told] == ["promoting", "promoted"]
    assert (told[1]["forced"], told[1]["failed"]) == ("it is all we have", ["grounding: caught"])


def test_the_one_before_comes_back(models):
    done = replaced(models, lines(0.95), lines(0.95))
    assert rollback_rail(models, "otto") == done.before
    assert models.read_text() == "old"
    with pytest.raises(NothingBefore):
        rollback_rail(models, "otto")


def test_a_promotion_that_was_killed_after_the_move_can_be_gone_back_from(models):
    before = replaced(models, lines(0.95), lines(0.95)).before
    history = models.parent / "before" / "grounding.jsonl"
    history.write_text(history.read_text().splitlines(keepends=True)[0])
    assert rollback_rail(models, "otto") == before
    assert models.read_text() == "old"
    told = [json.loads(line)["event"] for line in history.read_text().splitlines()]
    assert told == ["promoting", "promoted", "rolling back", "rolled back"]


@pytest.mark.parametrize("value", [0.95, 0.5])
def test_one_model_is_replaced_at_a_time(models, monkeypatch, value):
    replaced(models, lines(0.95), lines(0.95))
    monkeypatch.setattr("finetune.promotion.promote_rail.PATIENCE", 0.0)
    (models.parents[1] / "new.json").write_text("newer")
    told = (models.parent / "before" / "grounding.jsonl").read_text()
    with locked(models.parent / "before" / ".grounding.lock", 0.0):
        with pytest.raises(Busy):
            rollback_rail(models, "otto")
        with pytest.raises(Busy):
            promote_rail(
                Order(models, models.parents[1] / "new.json", "anna"),
                lambda file: lines(value if file.read_text() == "newer" else 0.95),
            )
    assert models.read_text() == "new"
    assert (models.parent / "before" / "grounding.jsonl").read_text() == told


def test_what_came_while_it_was_measured_is_not_overwritten(models):
    def measured(_):
        models.write_text("another")
        return lines(0.95)

    with pytest.raises(Meanwhile, match="beside that one"):
        promote_rail(Order(models, models.parents[1] / "new.json", "anna"), measured)
    assert models.read_text() == "another"


def test_the_same_model_is_nothing_to_measure(models):
    (models.parents[1] / "new.json").write_text("old")
    assert not replaced(models, None, None).done


def test_a_file_that_is_not_there_is_named(models):
    (models.parents[1] / "new.json").unlink()
    with pytest.raises(BadDataset, match=r"new\.json"):
        replaced(models, None, None)
