"""Steps: what is part of what, how it ended, and that tasks may take turns."""

import asyncio
from contextlib import aclosing, suppress

import pytest

from service.spans import NoTracer, Timed, Untraced, Within, along, current, step

PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Kept:
    """A span that keeps what it is told."""

    def __init__(self, name="root", facts=None):
        self.name, self.facts, self.children = name, dict(facts or {}), []
        self.error, self.ends, self.trace_id = None, 0, "t-1"

    def child(self, name, **facts):
        self.children.append(Kept(name, facts))
        return self.children[-1]

    def note(self, **facts):
        self.facts |= facts

    def rename(self, name):
        self.name = name

    def failed(self, kind):
        self.error = kind

    def headers(self):
        return {"traceparent": self.name}

    def end(self):
        self.ends += 1


async def counted(to, seen=None):
    for number in range(to):
        if seen is not None:
            seen.append(current())
        yield str(number)


def test_a_step_in_a_step_is_a_part_of_it():
    root = Kept()
    with Within(root), step("outer", kind="x"):
        with step("inner"):
            pass
        with step("next"):
            pass
    assert current() is not root
    (outer,) = root.children
    assert (outer.name, outer.facts, outer.ends, root.ends) == ("outer", {"kind": "x"}, 1, 0)
    assert [(each.name, each.ends) for each in outer.children] == [("inner", 1), ("next", 1)]


def test_a_function_that_is_a_step_is_one_at_each_call():
    @step("work")
    def work(number):
        return number + 1

    root = Kept()
    with Within(root):
        assert [work(1), work(2)] == [2, 3]
    assert [(each.name, each.ends) for each in root.children] == [("work", 1), ("work", 1)]


@pytest.mark.parametrize(
    ("error", "kind", "facts"),
    [(ValueError("the document"), "ValueError", {}), (asyncio.CancelledError(), None, {"abandoned": True})],
)
def test_an_error_is_noted_by_its_class_and_whoever_left_as_such(error, kind, facts):
    root = Kept()
    with suppress(ValueError, asyncio.CancelledError), Within(root), step("work"):
        raise error
    (work,) = root.children
    assert (work.error, work.facts, work.ends) == (kind, facts, 1)


def test_pieces_are_one_step_though_each_is_asked_for_in_a_task_of_its_own():
    async def scene():
        root, seen = Kept(), []
        with Within(root):
            stream = along("generate", counted(3, seen), model="m")
            pieces = []
            for _ in range(3):
                pieces.append(await asyncio.create_task(anext(stream)))
                assert current() is root
            assert [piece async for piece in stream] == []
        (generate,) = root.children
        assert (pieces, generate.facts, generate.ends) == (["0", "1", "2"], {"model": "m"}, 1)
        assert seen == [generate] * 3

    asyncio.run(scene())


def test_whoever_stops_asking_for_pieces_abandons_the_step():
    async def scene():
        root = Kept()
        with Within(root):
            async with aclosing(along("generate", counted(3))) as pieces:
                assert await anext(pieces) == "0"
        (generate,) = root.children
        assert (generate.facts, generate.error, generate.ends) == ({"abandoned": True}, None, 1)

    asyncio.run(scene())


def test_pieces_that_end_in_an_error_end_the_step_with_it():
    async def broken():
        yield "0"
        raise ValueError("the document")

    async def scene():
        root = Kept()
        with Within(root), pytest.raises(ValueError, match="document"):
            assert [piece async for piece in along("generate", broken())] == ["0"]
        assert (root.children[0].error, root.children[0].ends) == ("ValueError", 1)

    asyncio.run(scene())


def test_steps_are_timed_and_the_request_itself_is_not():
    told = []
    span = Timed(Kept(), lambda name, seconds: told.append((name, seconds >= 0)))
    with Within(span), step("outer"), step("inner"):
        pass
    span.end()
    assert told == [("inner", True), ("outer", True)]


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "the question",
        PARENT.replace("00-4", "ff-4"),
        PARENT.upper(),
        f"{PARENT}-more",
        f"{PARENT}\n",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
    ],
)
def test_what_is_no_trace_of_a_caller_is_not_handed_on(given):
    span = NoTracer().request("GET", {"traceparent": given} if given is not None else {})
    assert (span.headers(), span.trace_id) == ({}, "")


def test_a_callers_trace_is_handed_on_though_nobody_traces_here():
    span = NoTracer().request("GET", {"traceparent": PARENT})
    assert span.child("engine", endpoint="http://e").headers() == {"traceparent": PARENT}
    assert span.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    span.note(fact=1)
    span.rename("x")
    span.failed("ValueError")
    span.end()


def test_outside_of_requests_nothing_is_traced():
    with step("work") as span:
        assert isinstance(span, Untraced)
        assert span.headers() == {}
