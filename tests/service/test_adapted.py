"""Adapters on engines that load them: on demand, by promotion, and again when they are gone."""

import asyncio
from contextlib import ExitStack, aclosing

import pytest
from pydantic import SecretStr

from service.adapted import AdaptedEndpoint, HotAdapters
from service.answer import Sampling
from service.app import ROUTES
from service.breaker import Breaker
from service.endpoint import Endpoint
from service.endpoints import EndpointGenerator
from service.errors import EngineFailed, EngineLacksModel
from service.pool import Pool
from tests.service.engines import KEY, FakeEngine

MESSAGES = [{"role": "user", "content": "How many?"}]


@pytest.fixture
def engines():
    with ExitStack() as stack:
        yield [stack.enter_context(FakeEngine(models={"served"}).running()) for _ in range(2)]


@pytest.fixture
def engine(engines):
    return engines[0]


def over(engine: FakeEngine) -> AdaptedEndpoint:
    endpoint = Endpoint(engine.url, SecretStr(KEY))
    return AdaptedEndpoint(endpoint, "base", "served", lambda name: f"/adapters/{name}")


async def reading(endpoint: AdaptedEndpoint | EndpointGenerator, model: str) -> str:
    async with aclosing(endpoint.stream(model, MESSAGES, Sampling())) as stream:
        return "".join([piece.text async for piece in stream])


def ask(endpoint: AdaptedEndpoint, model: str) -> str:
    return asyncio.run(reading(endpoint, model))


def test_the_base_model_has_the_engines_own_name_for_it(engine):
    assert ask(over(engine), "base") == "28 days [1]"
    assert engine.asked[0]["model"] == "served"
    assert engine.loaded == []


def test_an_adapter_that_the_engine_lacks_is_loaded_before_the_first_token(engine):
    assert ask(over(engine), "qa-1") == "28 days [1]"
    assert engine.loaded == [{"lora_name": "qa-1", "lora_path": "/adapters/qa-1"}]
    assert engine.asked[0]["model"] == "qa-1"


def test_an_adapter_that_the_engine_has_lost_is_loaded_again(engine):
    endpoint = over(engine)
    for _ in range(2):
        ask(endpoint, "qa-1")
    engine.models.discard("qa-1")
    assert ask(endpoint, "qa-1") == "28 days [1]"
    assert len(engine.loaded) == 2


def test_many_who_miss_it_at_once_are_all_answered(engine):
    endpoint = over(engine)

    async def many() -> list[str]:
        return await asyncio.gather(*(reading(endpoint, "qa-1") for _ in range(8)))

    assert set(asyncio.run(many())) == {"28 days [1]"}
    assert len(engine.loaded) == 1


def test_an_adapter_that_cannot_be_loaded_is_told(engine):
    with pytest.raises(EngineLacksModel, match="did not load the adapter gone-1"):
        ask(over(engine), "gone-1")


def test_a_base_model_that_is_missing_is_told_and_not_loaded(engine):
    engine.models.clear()
    with pytest.raises(EngineLacksModel):
        ask(over(engine), "base")
    assert engine.loaded == []


def test_a_promotion_loads_the_adapter_everywhere(engines):
    HotAdapters([over(engine) for engine in engines], lambda _: False).want("qa-2").result(600)
    assert [[each["lora_name"] for each in engine.loaded] for engine in engines] == [["qa-2"], ["qa-2"]]


def test_one_engine_that_is_ready_is_enough(engines):
    engines[0].models = None
    HotAdapters([over(engine) for engine in engines], lambda _: False).want("qa-2").result(600)
    assert len(engines[1].loaded) == 1


def test_a_promotion_that_reaches_nobody_fails():
    adapters = HotAdapters(
        [AdaptedEndpoint(Endpoint("http://127.0.0.1:9/v1"), "b", "s", str)], lambda _: False
    )
    with pytest.raises(EngineFailed):
        adapters.want("qa-2").result(600)


def test_what_is_held_is_loaded(engine):
    adapters = HotAdapters([over(engine)], lambda _: False)
    adapters.tend({"qa-1", "base"})
    for name in ("qa-1", "base"):
        adapters.want(name).result(600)
    assert [each["lora_name"] for each in engine.loaded] == ["qa-1"]


@pytest.mark.parametrize(("weighs", "told"), [(True, 0), (False, 1)])
def test_an_engine_that_weighs_no_first_tokens_is_named_in_the_log(engine, weighs, told, capsys):
    engine.weighs = weighs
    HotAdapters([over(engine)], lambda _: True).want("qa-1").result(600)
    assert "".join(capsys.readouterr()).count("engine weighs no first tokens") == told


def test_an_engine_that_breaks_when_it_is_asked_whether_it_weighs_has_loaded_the_adapter(engine, capsys):
    engine.weighs = None
    HotAdapters([over(engine)], lambda _: True).want("qa-1").result(600)
    assert "engine not asked about first tokens" in "".join(capsys.readouterr())


def test_an_adapter_that_one_engine_refuses_is_answered_by_another(engines):
    engines[0].models = None  # it answers, and loads nothing

    async def scene() -> set[str]:
        pool = Pool([over(engine) for engine in engines], lambda: Breaker(lambda: 0.0, 3, 2.0))
        generator = EndpointGenerator(pool, 30.0, 60.0)
        return {await reading(generator, "qa-1") for _ in range(3)}

    engines[0].mood = 404
    assert asyncio.run(scene()) == {"28 days [1]"}
    assert engines[1].loaded


def test_loading_is_no_business_of_callers():
    paths = [route.path for module in ROUTES for route in module.router.routes]
    assert paths
    assert not [path for path in paths if "lora" in path]
