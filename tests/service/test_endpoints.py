"""Several endpoints behind one seam: choice, attempts, times, recovery; over HTTP where HTTP is the point."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, aclosing, contextmanager

import pytest
from pydantic import SecretStr

from service.answer import Sampling, Usage
from service.breaker import Breaker
from service.endpoint import Endpoint
from service.endpoints import ATTEMPTS, EndpointGenerator
from service.errors import (
    EngineDown,
    EngineFailed,
    EngineLacksModel,
    EngineRefused,
    EngineSlow,
    ServiceError,
)
from service.generate import Piece
from service.pool import Pool
from service.prober import Prober
from tests.service.engines import KEY, FakeEngine

MESSAGES = [{"role": "user", "content": "How many?"}]
WELL = [Piece("28"), Piece(" days"), Piece("", "stop", Usage(3, 2))]
FAILED, LACKING = EngineFailed("broke"), EngineLacksModel("none of that name")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Scripted:
    """Streams its pieces at once; raises where an error stands among them, waits for good at None."""

    def __init__(self, *script: Piece | ServiceError | None) -> None:
        self.name, self.script, self.asked = f"http://scripted-{id(self)}", script, 0

    async def stream(self, *_: object) -> AsyncIterator[Piece]:
        self.asked += 1
        for step in self.script:
            if step is None:
                await asyncio.Event().wait()
            elif isinstance(step, ServiceError):
                raise step
            else:
                yield step

    def check(self) -> None:
        """Always well."""


class House:
    """A generator over engines, with a clock of its own for the breakers."""

    def __init__(self, *engines: object, limit: int = 3, first_token: float = 30.0, timeout: float = 60.0):
        self.clock = Clock()
        self.pool = Pool(engines, lambda: Breaker(self.clock, limit, 2.0))
        self.generator = EndpointGenerator(self.pool, first_token, timeout)
        self.prober = Prober(self.pool.members)

    def write(self) -> str:
        return asyncio.run(self.reading())

    async def reading(self) -> str:
        async with aclosing(self.generator.stream("m", MESSAGES, Sampling())) as stream:
            return "".join([piece.text async for piece in stream])


@contextmanager
def engines(count: int) -> Iterator[list[FakeEngine]]:
    with ExitStack() as stack:
        yield [stack.enter_context(FakeEngine().running()) for _ in range(count)]


def over(running: list[FakeEngine], **more: float) -> House:
    return House(*(Endpoint(engine.url, SecretStr(KEY)) for engine in running), **more)


def test_requests_are_spread_over_the_endpoints():
    with engines(3) as running:
        house = over(running)

        async def many() -> list[str]:
            return await asyncio.gather(*(house.reading() for _ in range(9)))

        assert set(asyncio.run(many())) == {"28 days [1]"}
        assert [len(engine.asked) for engine in running] == [3, 3, 3]
        assert [member.in_flight for member in house.pool.members] == [0, 0, 0]


@pytest.mark.parametrize("mood", [500, 503, 429, 401])
def test_a_failure_before_the_first_token_is_hidden_by_another_endpoint(mood):
    with engines(2) as (broken, well):
        broken.mood = mood
        house = over([broken, well])
        assert house.write() == "28 days [1]"
        assert [len(engine.asked) for engine in (broken, well)] == [1, 1]
        assert [member.failures for member in house.pool.members] == [1, 0]


def test_which_endpoint_refused_a_request_is_told_by_the_log(logged):
    with engines(1) as (engine,):
        engine.mood = 400
        with pytest.raises(EngineRefused):
            over([engine]).write()
        written = logged()
        assert "engine refused" in written
        assert engine.url in written


def test_an_endpoint_that_is_not_there_is_hidden_by_another():
    with engines(1) as (well,):
        house = House(Endpoint("http://127.0.0.1:9/v1"), Endpoint(well.url))
        assert {house.write() for _ in range(4)} == {"28 days [1]"}


def test_an_endpoint_that_hangs_before_the_first_token_is_hidden_by_another_and_let_go():
    with engines(2) as (hung, well):
        hung.mood = "silent"
        house = over([hung, well], first_token=2.0)
        assert house.write() == "28 days [1]"
        assert hung.left.wait(30)
        assert house.pool.members[0].failures == 1


@pytest.mark.parametrize("mood", ["cut", "unfinished", "garbled"])
def test_a_failure_after_the_first_token_is_told_and_not_tried_again(mood):
    with engines(2) as running:
        for engine in running:
            engine.mood = mood
        house = over(running)
        seen = []

        async def read() -> None:
            async with aclosing(house.generator.stream("m", MESSAGES, Sampling())) as stream:
                async for piece in stream:
                    seen.append(piece)  # noqa: PERF401  # what came before the error is wanted

        with pytest.raises(EngineFailed, match="the engine"):
            asyncio.run(read())
        assert "".join(piece.text for piece in seen) == "28 days"
        assert not any(piece.finish for piece in seen)
        assert [len(engine.asked) for engine in running] == [1, 0]


def test_a_request_that_an_endpoint_refuses_is_not_sent_to_the_others():
    with engines(2) as (refusing, well):
        refusing.mood = 400
        house = over([refusing, well], limit=1)
        with pytest.raises(EngineRefused):
            house.write()
        assert well.asked == []
        assert house.pool.members[0].breaker.closed


def test_a_model_that_some_endpoints_lack_is_found_however_many_they_are():
    house = House(*(Scripted(LACKING) for _ in range(ATTEMPTS + 1)), Scripted(*WELL))
    assert house.write() == "28 days"
    assert [member.failures for member in house.pool.members] == [0] * (ATTEMPTS + 2)


def test_a_model_that_all_endpoints_lack_is_told_and_each_is_asked_once():
    house = House(*(Scripted(LACKING) for _ in range(2)))
    with pytest.raises(EngineLacksModel):
        house.write()
    assert [member.engine.asked for member in house.pool.members] == [1, 1]


def test_an_endpoint_alone_is_asked_once_more():
    flaky = Scripted(FAILED)
    with pytest.raises(EngineFailed):
        House(flaky, limit=9).write()
    assert flaky.asked == 2


def test_a_request_that_breaks_every_endpoint_is_not_tried_on_all():
    house = House(*(Scripted(FAILED) for _ in range(5)))
    with pytest.raises(EngineFailed):
        house.write()
    assert sum(member.engine.asked for member in house.pool.members) == ATTEMPTS


def test_when_all_are_down_the_error_comes_at_once_and_says_when_to_ask_again():
    house = House(*(Scripted(FAILED) for _ in range(2)), limit=1)
    with pytest.raises(EngineFailed):
        house.write()
    assert not house.generator.ready()
    asked = [member.engine.asked for member in house.pool.members]
    with pytest.raises(EngineDown, match="see that it runs") as caught:
        house.write()
    assert caught.value.headers == {"Retry-After": "2"}
    assert [member.engine.asked for member in house.pool.members] == asked


def test_an_endpoint_that_comes_back_is_asked_again_after_the_pause():
    engine = FakeEngine()
    with engine.running():
        house = over([engine], limit=2)
    with pytest.raises(EngineFailed):
        house.write()
    with pytest.raises(EngineDown):
        house.write()
    house.clock.now += 2
    house.prober.round()
    assert not house.generator.ready()
    with engine.running():
        house.clock.now += 3.9
        house.prober.round()
        assert not house.generator.ready()
        house.clock.now += 0.1
        house.prober.round()
        assert house.generator.ready()
        assert house.write() == "28 days [1]"


def test_readiness_is_known_before_the_first_question():
    house = House(Endpoint("http://127.0.0.1:9/v1"))
    assert house.generator.ready()
    for _ in range(3):
        house.prober.round()
    assert not house.generator.ready()


def test_closing_the_stream_stops_the_engine_and_frees_its_place():
    with engines(1) as (engine,):
        engine.mood = "endless"
        house = over([engine])

        async def leave() -> bool:
            async with aclosing(house.generator.stream("m", MESSAGES, Sampling())) as stream:
                assert (await anext(stream)).text == "28 "
                assert house.pool.members[0].in_flight == 1
            assert house.pool.members[0].in_flight == 0
            return await asyncio.to_thread(engine.left.wait, 30)

        assert asyncio.run(leave())
        assert house.pool.members[0].failures == 0


def test_a_stream_may_be_read_on_in_another_task():
    house = House(Scripted(*WELL))

    async def read() -> str:
        stream = house.generator.stream("m", MESSAGES, Sampling())
        first = await asyncio.create_task(anext(stream))

        async def rest() -> list[str]:
            return [piece.text async for piece in stream]

        return "".join([first.text, *await asyncio.create_task(rest())])

    assert asyncio.run(read()) == "28 days"


# What is due before the next step of the loop is in time, however slow the machine: a scripted engine
# either answers at once or never.
@pytest.mark.parametrize(
    ("script", "times", "kind", "failures"),
    [
        ((None,), {"first_token": 0.01}, EngineFailed, 1),
        ((None,), {"timeout": 0.01}, EngineFailed, 1),
        ((WELL[0], None), {"first_token": 0.01}, EngineFailed, 1),
        ((WELL[0], None), {"timeout": 0.01}, EngineSlow, 0),
    ],
)
def test_silence_is_the_endpoints_failure_and_a_long_answer_is_not(script, times, kind, failures):
    house = House(Scripted(*script), limit=9, **times)
    with pytest.raises(kind) as caught:
        house.write()
    assert type(caught.value) is kind
    assert house.pool.members[0].failures == failures


def test_an_empty_answer_is_an_answer():
    assert House(Scripted(WELL[-1])).write() == ""


@pytest.fixture
def logged(capsys) -> Callable[[], str]:
    return lambda: "".join(capsys.readouterr())


def test_a_hidden_failure_is_logged_without_the_prompt_and_the_key(logged):
    with engines(2) as (broken, well):
        broken.mood = 500
        over([broken, well], limit=1).write()
    told = logged()
    assert "InternalServerError" in told
    assert broken.url in told
    assert "engine endpoint down" in told
    assert MESSAGES[0]["content"] not in told
    assert KEY not in told
