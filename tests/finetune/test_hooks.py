from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from finetune import hooks as module
from finetune.errors import HookFailed
from finetune.hooks import Event, Hooks

EVENT = Event("trained", "out/adapter", {"name": "grounded-qa-1"})


def test_every_hook_hears_of_an_event_in_the_order_of_names(monkeypatch):
    heard = []
    points = [
        _Point("b", lambda: lambda event: heard.append(("b", event))),
        _Point("a", lambda: lambda event: heard.append(("a", event))),
    ]
    monkeypatch.setattr(module, "entry_points", lambda **_: points)
    Hooks.installed().tell(EVENT)
    assert heard == [("a", EVENT), ("b", EVENT)]


def test_without_hooks_nothing_happens():
    assert [hooks.tell(EVENT) for hooks in (Hooks(), Hooks.installed())] == [None, None]


def refuse(_event):
    raise ValueError("not on a Friday")


@pytest.mark.parametrize("name", ["before promotion", "epoch ended"])
def test_a_hook_that_raises_on_what_is_not_done_is_named_and_stops_those_behind_it(name):
    heard = []
    hooks = Hooks({"approval": refuse, "tracker": heard.append})
    with pytest.raises(HookFailed, match=f"'approval' failed on '{name}': not on a Friday"):
        hooks.tell(replace(EVENT, name=name))
    assert (heard, hooks.failed) == ([], [])


@pytest.mark.parametrize("name", ["dataset built", "trained", "promoted", "rolled back"])
def test_a_hook_that_raises_on_what_is_done_is_told_of_and_the_others_hear_of_it(name):
    heard, event = [], replace(EVENT, name=name)
    hooks = Hooks({"approval": refuse, "tracker": heard.append})
    hooks.tell(event)
    assert heard == [event]
    assert hooks.failed == [
        f"the hook 'approval' failed on '{name}': not on a Friday; out/adapter stays as it is"
    ]


def test_a_hook_that_cannot_be_imported_is_named(monkeypatch):
    point = EntryPoint("tracker", "no_such_module_here:log", module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda **_: [point])
    with pytest.raises(HookFailed, match=r"'tracker'.*no_such_module_here"):
        Hooks.installed()


class _Point:
    def __init__(self, name, load):
        self.name, self.load = name, load
