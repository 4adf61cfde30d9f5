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


def test_a_hook_that_raises_is_named_and_stops_those_behind_it():
    heard = []

    def refuse(event):
        raise ValueError("not on a Friday")

    with pytest.raises(HookFailed, match="'approval' failed on 'trained': not on a Friday"):
        Hooks({"approval": refuse, "tracker": heard.append}).tell(EVENT)
    assert heard == []


def test_a_hook_that_cannot_be_imported_is_named(monkeypatch):
    point = EntryPoint("tracker", "no_such_module_here:log", module.GROUP)
    monkeypatch.setattr(module, "entry_points", lambda **_: [point])
    with pytest.raises(HookFailed, match=r"'tracker'.*no_such_module_here"):
        Hooks.installed()


class _Point:
    def __init__(self, name, load):
        self.name, self.load = name, load
