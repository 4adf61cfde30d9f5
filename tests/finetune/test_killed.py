"""SIGKILL at every instant of a promotion and of a rollback: the registry is as it was, or as it will be."""

import multiprocessing
import shutil
import signal

import pytest

from finetune.card import read_card
from finetune.hooks import Hooks
from finetune.promotion.promote import promote
from finetune.promotion.rollback import rollback
from tests.finetune.killed import killed
from tests.finetune.registries import adapter, name, order, stages


@pytest.fixture(scope="module")
def herd():
    """Forks of a process that has everything imported, and no threads."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.finetune.killed"])
    return context


@pytest.fixture
def home(tmp_path):
    """`old` went live after `older`; `new` waits to be promoted, and its questions are answered."""
    home = tmp_path / "template"
    at = stages(home)
    at.registry.point(at.registry.admit(adapter(home / "older", "older")))
    promote(order(adapter(home / "old", "old")), at)
    adapter(home / "new", "new")
    return home


def instants(herd, home, what):
    """A home for each instant at which a run was killed; the last run was not."""
    for instant in range(1, 100):
        copy = home.parent / f"{what}-{instant}"
        shutil.copytree(home, copy)
        process = herd.Process(target=killed, args=(copy, what, instant))
        process.start()
        process.join(60)
        if process.exitcode == 0:
            return
        assert process.exitcode == -signal.SIGKILL
        yield copy
    raise AssertionError("it never ended")


def whole(registry):
    for each in registry.adapters.names():
        read_card(registry.folder / each)
    assert registry.live() in registry.adapters.names()


def test_a_promotion_that_is_killed_leaves_old_or_new_and_the_next_says_so_and_completes_it(home, herd):
    lives, said = [], set()
    for copy in instants(herd, home, "promote"):
        at = stages(copy)
        whole(at.registry)
        lives.append(at.registry.live())
        done = promote(order(copy / "new"), at)
        said |= {told.partition(": ")[2] for told in done.found}
        assert done.outcome == ("promoted" if lives[-1] == name("old") else "live already")
        assert (at.registry.live(), at.registry.recover()) == (name("new"), ())
        assert at.registry.history.entries()[-1].event == "promoted"
        assert at.registry.history.before(name("new")) == name("old")
        assert not list(at.registry.folder.glob(".incoming/*"))
    assert set(lives) == {name("old"), name("new")}
    assert len(lives) > 12
    assert said == {
        "not whole when a promotion was killed, and removed",
        "killed before the move",
        "killed after the move",
    }


def test_a_rollback_that_is_killed_leaves_old_or_new_and_the_next_knows(home, herd):
    lives = []
    for copy in instants(herd, home, "rollback"):
        at = stages(copy)
        whole(at.registry)
        lives.append(at.registry.live())
        with at.registry.moving():
            at.registry.settle()
        if lives[-1] == name("old"):
            rollback(at.registry, Hooks(), "otto")
        assert at.registry.live() == name("older")
        assert at.registry.history.entries()[-1].event == "rolled back"
    assert set(lives) == {name("old"), name("older")}
