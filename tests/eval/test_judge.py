import asyncio
import json

import pytest
from pydantic import BaseModel

from eval.errors import JudgeFailed
from eval.judge import GIVE_UP, Judge, Manner
from eval.verdicts import Verdicts
from service.endpoint import Endpoint
from tests.eval.judge_stand_in import judging


class Part(BaseModel):
    text: str


class Form(BaseModel):
    reason: str
    verdict: int
    parts: list[Part]


def judge(url, folder, **more):
    return Judge(Endpoint(url), Manner(url, "m", pause=0.01, **more), Verdicts(folder))


def fill(judge, prompt="is it so?"):
    return asyncio.run(judge.fill(prompt, Form))


def test_a_verdict_is_written_by_the_forms_schema_at_temperature_zero(tmp_path):
    with judging() as (url, bench):
        assert fill(judge(url, tmp_path)) == Form(reason="so it is", verdict=1, parts=[Part(text="so it is")])
    (body,) = bench.bodies
    form = body["response_format"]["json_schema"]
    assert (form["strict"], body["temperature"], body["max_tokens"]) == (True, 0.0, 4_096)
    assert form["schema"]["additionalProperties"] is False
    assert form["schema"]["$defs"]["Part"]["additionalProperties"] is False


def test_a_verdict_is_paid_for_once_by_each_judge_manner_and_prompt(tmp_path):
    with judging() as (url, bench):
        for _ in range(3):
            fill(judge(url, tmp_path))
        assert bench.calls == 1
        fill(judge(url, tmp_path), "another?")
        fill(judge(url, tmp_path, max_tokens=9))
        fill(Judge(Endpoint(url), Manner(url, "other"), Verdicts(tmp_path)))
        assert bench.calls == 4
        fill(judge(url, tmp_path, timeout=9, concurrency=1, attempts=1))  # of no weight to a verdict
        assert bench.calls == 4


def test_the_endpoints_failure_is_tried_again(tmp_path):
    with judging(lambda _, attempt: "error" if attempt < 3 else "") as (url, bench):
        assert fill(judge(url, tmp_path)).verdict == 1
    assert bench.calls == 3


@pytest.mark.parametrize(
    ("fault", "attempts", "reason"),
    [
        ("error", 3, "the judge failed: the engine failed"),
        ("silence", 3, "the judge failed"),
        ("nonsense", 1, "does not fit the form"),
        ("cut", 1, "cut off at 4096 tokens: raise eval.judge_max_tokens"),
    ],
)
def test_a_failure_is_told_and_never_kept(tmp_path, fault, attempts, reason):
    with judging(lambda _, attempt: fault if attempt <= 3 else "") as (url, bench):
        with pytest.raises(JudgeFailed, match=reason):
            fill(judge(url, tmp_path))
        assert bench.calls == attempts
        assert not list(tmp_path.rglob("*.json"))


def test_a_slow_verdict_is_given_up_in_time(tmp_path):
    class Slow:
        async def stream(self, *_):
            await asyncio.sleep(60)
            yield

    with pytest.raises(JudgeFailed, match=r"no verdict within 0\.05 s"):
        fill(Judge(Slow(), Manner("u", "m", timeout=0.05, attempts=2, pause=0.01), Verdicts(tmp_path)))


def test_a_judge_that_is_down_is_not_waited_for_on_every_row(tmp_path):
    with judging(lambda *_: "error") as (url, bench):
        down = judge(url, tmp_path, attempts=1)
        for number in range(GIVE_UP + 5):
            with pytest.raises(JudgeFailed) as told:
                fill(down, f"{number}?")
        assert bench.calls == GIVE_UP
        assert "given up" in str(told.value)


def test_a_verdict_that_was_half_written_is_none(tmp_path):
    verdicts = Verdicts(tmp_path)
    verdicts.put("key", json.dumps({"verdict": 1}))
    assert Verdicts(tmp_path).get("key") == '{"verdict": 1}'
    assert verdicts.get("other") is None
    assert len(list(tmp_path.rglob("*.*"))) == 1
