"""One suite for the scripted target and for the two real ones, over one house: what a run may rely on."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from eval.audience import Audience
from eval.connection import connected
from eval.dataset import Question, Turn
from eval.in_process import InProcess
from eval.over_http import OverHttp
from eval.scripted import ScriptedTarget
from tests.service.scripted_house import ATTACK, BREAKS, LEAVE, UNKNOWN, scripted_house

EVERYBODY = Audience("default", frozenset())
WORDS = "Staff get 27 days of paid leave a year, whatever their age."


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with scripted_house(tmp_path_factory.mktemp("house")) as running:
        yield running


@asynccontextmanager
async def scripted(_):
    yield ScriptedTarget({LEAVE: WORDS, BREAKS: None, ATTACK: ""})


@asynccontextmanager
async def in_process(house):
    yield InProcess(house.parts, [EVERYBODY], "run-1", "default")


@asynccontextmanager
async def over_http(house):
    async with connected(house.url, "run-1", 60.0) as connection:
        yield OverHttp(connection, {EVERYBODY: house.key("chat", "eval")}, "default")


@pytest.fixture(params=[scripted, in_process, over_http])
def ask(request, house):
    """Asks one question; gives its outcome."""

    async def asked(question):
        async with request.param(house) as target:
            return await target.ask(question)

    def run(text, **more):
        return asyncio.run(asked(Question(id="q-1", question=text, groups=(), **more)))

    return run


@pytest.fixture(params=[scripted, in_process, over_http])
def fingerprints(request, house):
    async def told():
        async with request.param(house) as target:
            return [await target.fingerprint() for _ in range(2)]

    return asyncio.run(told())


def test_an_answer_comes_with_what_it_cites_what_was_shown_and_what_search_finds(ask):
    outcome = ask(LEAVE)
    assert outcome.error is None
    assert outcome.answered
    assert outcome.answer.endswith("[1].") or outcome.answer.endswith("[1]")
    (cited,) = outcome.citations
    assert (cited.verified, cited.verbatim) == (True, True)
    assert cited.quote in WORDS
    assert any(WORDS in passage.text for passage in outcome.shown)
    assert outcome.retrieved[0].uri == cited.uri
    assert outcome.model == "qa-1"
    assert outcome.completion_tokens
    assert 0 < outcome.first_token_ms <= outcome.total_ms


def test_a_refusal_and_a_block_are_outcomes(ask):
    refused, blocked = ask(UNKNOWN), ask(ATTACK)
    assert (refused.refused, refused.answered, refused.error) == (True, False, None)
    assert (blocked.blocked, blocked.answered, blocked.shown) == (True, False, ())
    assert [(found.rail, found.stage, found.action) for found in blocked.findings] == [
        ("injection", "input", "block")
    ]


def test_what_goes_wrong_is_the_outcome_of_its_question_and_says_what(ask):
    outcome = ask(BREAKS)
    assert "the scripted engine broke down" in outcome.error
    assert outcome == type(outcome)(question=outcome.question, error=outcome.error)


def test_the_question_is_kept_with_its_outcome(ask):
    said = (Turn(role="user", content=LEAVE), Turn(role="assistant", content="27 days [1]."))
    assert ask("Why?", history=said, kind="follow_up").question.history == said


def test_fingerprints_say_the_same_until_something_changes(fingerprints):
    first, second = fingerprints
    assert first == second
    assert all(value for name, value in first if name != "judge")


def test_both_real_targets_have_one_fingerprint(house):
    async def told(opened):
        async with opened(house) as target:
            return await target.fingerprint()

    assert asyncio.run(told(in_process)) == asyncio.run(told(over_http))
