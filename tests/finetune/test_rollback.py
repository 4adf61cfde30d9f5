"""Back to what was live before, as often as there is something before it."""

import shutil
from pathlib import Path

import pytest

from finetune.errors import BadAdapter, BadRegistry, NothingBefore
from finetune.hooks import Hooks
from finetune.promotion.history import Entry
from finetune.promotion.rollback import rollback
from service.split import Split
from tests.finetune.registries import BASE, adapter, name, stages


@pytest.fixture
def registry(tmp_path):
    """`first`, `second` and `third` went live one after the other; `never` is there too."""
    registry = stages(tmp_path).registry
    for weights in ("first", "second", "third", "never"):
        registry.admit(adapter(tmp_path / weights, weights))
    registry.point(name("first"))
    for weights in ("second", "third"):
        move(registry, weights)
    return registry


def move(registry, weights):
    entry = Entry(event="promoting", adapter=name(weights), before=registry.live(), by="anna")
    registry.history.add(entry)
    registry.point(name(weights))
    registry.settle()


def back(registry, to=None):
    return rollback(registry, Hooks(), "otto", name(to) if to else None)


def test_it_goes_back_step_by_step_and_says_when_there_is_nothing_left(registry):
    assert [back(registry).live for _ in range(2)] == [name("second"), name("first")]
    with pytest.raises(NothingBefore, match="nothing was live before"):
        back(registry)
    last = registry.history.entries()[-1]
    assert (last.event, last.adapter, last.before, last.by) == (
        "rolled back",
        name("first"),
        name("second"),
        "otto",
    )


def test_after_a_rollback_the_next_promotion_has_what_was_gone_back_to_before_it(registry):
    back(registry)
    move(registry, "first")
    assert back(registry).live == name("second")


def test_it_goes_to_a_named_one_and_further_back_from_there(registry):
    assert back(registry, "first").live == name("first")
    with pytest.raises(NothingBefore):
        back(registry)


def test_it_goes_forward_again_by_name(registry):
    back(registry)
    assert back(registry, "third").live == name("third")
    assert back(registry).live == name("second")


@pytest.mark.parametrize(("to", "said"), [("never", "was never live"), ("third", "is live already")])
def test_only_what_was_live_before_can_be_gone_back_to(registry, to, said):
    with pytest.raises(NothingBefore, match=said):
        back(registry, to)


def test_a_pointer_that_was_moved_by_hand_came_last(registry):
    registry.point(name("never"))
    assert back(registry).live == name("third")


def test_the_base_model_can_be_gone_back_to(tmp_path):
    registry = stages(tmp_path).registry
    registry.admit(adapter(tmp_path / "first", "first"))
    registry.point(BASE)
    move(registry, "first")
    assert back(registry).live == BASE


def test_nothing_is_gone_back_to_that_is_no_longer_whole(registry):
    (registry.folder / name("second") / "adapter_model.safetensors").write_text("x")
    with pytest.raises(BadAdapter, match="weights are not those"):
        back(registry)
    assert registry.live() == name("third")


def test_a_canary_ends_alone_and_with_a_name_too(registry):
    registry.compare(Split(name("never"), 0.1))
    ended = back(registry)
    assert (ended.canary, ended.live, registry.canary()) == (name("never"), name("third"), None)
    assert registry.history.entries()[-1].event == "canary ended"
    registry.compare(Split(name("never"), 0.1))
    assert back(registry, "first").live == name("first")
    assert registry.canary() is None


def test_hooks_are_told_and_their_failure_undoes_nothing(registry):
    seen = []

    def track(event):
        seen.append((event.name, event.subject, event.facts["before"]))
        raise ValueError("the tracker is down")

    hooks = Hooks({"tracker": track})
    assert rollback(registry, hooks, "otto").live == name("second")
    assert "the tracker is down" in hooks.failed[0]
    assert seen == [("rolled back", name("second"), name("third"))]
    assert registry.live() == name("second")


def test_it_does_not_wait_for_a_promotions_gate(registry):
    with registry.promoting():
        assert back(registry).live == name("second")


@pytest.mark.parametrize("damaged", [b"{}", b"[]", b"{", b'{"event": "refused", "adapter": "\xff"}'])
def test_a_history_that_is_damaged_is_named_by_its_line(registry, damaged):
    file = registry.folder / "promotions.jsonl"
    file.write_bytes(damaged + b"\n" + file.read_bytes())
    with pytest.raises(BadRegistry, match="line 1: is damaged"):
        back(registry)


def test_a_line_that_another_wrote_meanwhile_is_kept(registry, monkeypatch):
    history, really = registry.history, Path.open
    file = registry.folder / "promotions.jsonl"
    line = file.read_bytes().splitlines(keepends=True)[-1]

    def opened(path, *how, **more):
        handle = really(path, *how, **more)
        read = handle.read

        def slowly():
            found = read()
            with really(file, "ab") as other:
                other.write(line)
            return found

        handle.read = slowly
        return handle

    before = len(history.entries())
    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", opened)
        history.add(Entry(event="refused", adapter="x"))
    assert [entry.event for entry in history.entries()[before:]] == ["promoted", "refused"]


def test_a_line_that_was_cut_off_is_none_and_the_next_is_whole(registry):
    file = registry.folder / "promotions.jsonl"
    whole = registry.history.entries()
    with file.open("a") as lines:
        lines.write('{"event": "prom')
    assert registry.history.entries() == whole
    registry.history.add(Entry(event="refused", adapter="x"))
    assert registry.history.entries()[:-1] == whole
    assert registry.history.entries()[-1].at


@pytest.mark.parametrize("harm", ["damaged", "gone"])
def test_one_goes_back_from_an_adapter_that_is_damaged_or_gone(registry, harm):
    live = registry.folder / name("third")
    if harm == "gone":
        shutil.rmtree(live)
    else:
        (live / "card.json").write_text("{trunc")
    assert back(registry).live == name("second")
    last = registry.history.entries()[-1]
    assert (last.event, last.before, last.note) == ("rolled back", name("third"), "")
