"""Engines of our own: brought up beside each other, switched between under load, let go when idle."""

import asyncio
import threading
import time
from contextlib import ExitStack, aclosing, suppress

import pytest
from pydantic import SecretStr

from service.adapters import AdapterRegistry
from service.answer import Sampling
from service.breaker import Breaker
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.errors import EngineBusy, EngineStarting, ModelUnavailable
from service.fleet import IDLE, Fleet, Unit
from service.pool import Pool
from service.promotion import Promotion
from tests.service.engines import KEY, FakeEngine

MESSAGES = [{"role": "user", "content": "How many?"}]


class Program:
    """A process that does as it is told."""

    def __init__(self) -> None:
        self.alive = True

    def release(self) -> None:
        self.alive = False

    def wait(self, _seconds: float) -> bool:
        return not self.alive


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Yard:
    """Starts an engine over HTTP for each adapter, when it is let; each says its own name."""

    def __init__(self, stack: ExitStack, spares: int = 1, patience: float = 600.0) -> None:
        self.stack, self.clock = stack, Clock()
        self.engines: dict[str, FakeEngine] = {}
        self.units: list[tuple[str, Unit]] = []
        self.gate, self.broken = threading.Event(), set[str]()
        self.gate.set()
        self.fleet = Fleet(self.start, spares, patience, self.clock)

    def start(self, name: str) -> Unit:
        assert self.gate.wait(600)
        if name in self.broken:
            raise ModelUnavailable(name, "its engine ended")
        engine = self.stack.enter_context(FakeEngine(otherwise=name).running())
        pool = Pool([Endpoint(engine.url, SecretStr(KEY))], lambda: Breaker(time.monotonic, 3, 2.0))
        unit = Unit(Program(), pool, EndpointGenerator(pool, 600.0, 600.0))
        unit.used_at = self.clock()
        self.engines[name] = engine
        self.units.append((name, unit))
        return unit

    async def reading(self, model: str) -> str:
        async with aclosing(self.fleet.stream(model, MESSAGES, Sampling())) as stream:
            return "".join([piece.text async for piece in stream])

    def ask(self, model: str) -> str:
        return asyncio.run(self.reading(model))

    def hold(self, *names: str) -> None:
        self.fleet.tend(names)
        for name in names:
            self.fleet.want(name).result(600)

    @property
    def running(self) -> list[str]:
        return sorted(name for name, unit in self.units if unit.process.alive)


@pytest.fixture
def make():
    with ExitStack() as stack:
        yield lambda **more: Yard(stack, **more)


@pytest.fixture
def yard(make):
    return make()


def test_each_adapter_is_answered_by_its_own_engine(yard):
    yard.hold("qa-1")
    assert [yard.ask("qa-1"), yard.ask("qa-2")] == ["qa-1", "qa-2"]
    assert yard.engines["qa-2"].asked[0]["model"] == "qa-2"
    assert yard.fleet.ready()
    assert len(yard.fleet.states()) == 2


def test_an_adapter_asked_for_by_many_gets_one_engine(yard):
    async def many() -> list[str]:
        return await asyncio.gather(*(yard.reading("qa-1") for _ in range(5)))

    assert set(asyncio.run(many())) == {"qa-1"}
    assert len(yard.units) == 1


def test_a_request_does_not_wait_for_an_engine_for_ever(make):
    yard = make(patience=0.01)
    yard.gate.clear()
    with pytest.raises(EngineStarting, match="ask again") as caught:
        yard.ask("qa-1")
    assert caught.value.headers == {"Retry-After": "15"}
    yard.gate.set()
    yard.fleet.want("qa-1").result(600)
    assert yard.ask("qa-1") == "qa-1"


def test_an_engine_that_does_not_come_up_is_told(yard):
    yard.broken.add("qa-1")
    with pytest.raises(ModelUnavailable, match="its engine ended"):
        yard.ask("qa-1")
    assert not yard.fleet.ready()


def test_an_idle_engine_gives_way_to_another_and_one_that_is_held_does_not(yard):
    yard.hold("qa-1")
    for name in ("qa-2", "qa-3"):
        assert yard.ask(name) == name
    assert yard.running == ["qa-1", "qa-3"]


def test_no_more_engines_run_than_may(make):
    yard = make(spares=0)
    yard.hold("qa-1")
    with pytest.raises(EngineBusy, match="vllm_spares"):
        yard.ask("qa-2")
    assert yard.ask("qa-1") == "qa-1"


def test_an_engine_with_work_does_not_give_way(yard):
    yard.hold("qa-1")

    async def both() -> None:
        async with aclosing(yard.fleet.stream("qa-2", MESSAGES, Sampling())) as stream:
            await anext(stream)
            with pytest.raises(EngineBusy):
                await yard.reading("qa-3")
            assert "".join([piece.text async for piece in stream])

    asyncio.run(both())


def test_an_engine_that_nobody_needs_stops_after_a_while(yard):
    yard.hold("qa-1")
    yard.hold("qa-1", "qa-2")
    yard.fleet.tend({"qa-2"})
    assert yard.running == ["qa-1", "qa-2"]
    yard.clock.now = IDLE + 1
    yard.fleet.tend({"qa-2"})
    assert yard.running == ["qa-2"]


def test_an_engine_finishes_what_it_has_begun_before_it_stops(yard):
    yard.hold("qa-1")

    async def long() -> str:
        async with aclosing(yard.fleet.stream("qa-1", MESSAGES, Sampling())) as stream:
            begun = (await anext(stream)).text
            yard.clock.now = IDLE + 1
            yard.fleet.tend(())
            assert yard.running == ["qa-1"]
            return begun + "".join([piece.text async for piece in stream])

    assert asyncio.run(long()) == "qa-1"
    yard.clock.now += IDLE + 1
    yard.fleet.tend(())
    assert yard.running == []


def test_an_engine_that_has_ended_is_started_again_while_it_is_held(yard):
    yard.hold("qa-1")
    yard.units[0][1].process.release()
    yard.hold("qa-1")
    assert [name for name, _ in yard.units] == ["qa-1", "qa-1"]
    assert yard.ask("qa-1") == "qa-1"


def test_all_stop_in_the_end(yard):
    yard.hold("qa-1", "qa-2")
    yard.fleet.close()
    assert yard.running == []


def test_a_promotion_and_a_rollback_under_load_cost_no_request(yard, tmp_path):
    for name in ("qa-1", "qa-2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "adapter_config.json").write_text("{}")
    (tmp_path / "promoted").write_text("qa-1")
    registry = AdapterRegistry(tmp_path, "base")
    promotion = Promotion(registry, yard.fleet, interval=0.01)
    promotion.start()
    said: asyncio.Queue[str] = asyncio.Queue()
    heard: set[str] = set()

    async def load() -> None:
        while True:
            await said.put(await yard.reading(registry.resolve("default")))

    async def until(name: str) -> None:
        """Until it is served, and has been heard since."""
        while registry.serving != name:
            heard.add(await said.get())
        while (answer := await said.get()) != name:
            heard.add(answer)

    async def moves() -> None:
        running = [asyncio.create_task(load()) for _ in range(3)]
        await until("qa-1")
        for name in ("qa-2", "qa-1"):
            (tmp_path / "promoted").write_text(name)
            await until(name)
        for task in running:
            assert not task.done(), task.exception()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    asyncio.run(asyncio.wait_for(moves(), 600))
    promotion.close()
    assert heard <= {"qa-1", "qa-2"}
    assert [name for name, _ in yard.units] == ["qa-1", "qa-2"]
