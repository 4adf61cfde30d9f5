"""Answers in JSON by a schema: what decides, what is screened, what is cited, and what never leaves."""

import asyncio
import json
import re

import pytest

from guardrails.answerability import Found
from guardrails.guard import Guard
from guardrails.policy import Policy
from guardrails.rail import Inspection
from guardrails.verdict import Action, Finding, Stage
from ingest.documents import Passage
from service.answer import Ask, Message, Sampling, Usage
from service.calibration import Calibration, Pointed
from service.context import Block
from service.draft import Draft
from service.errors import BadRequest, EngineFailed, EngineRefused
from service.generate import Piece
from service.reading import Reader, Task
from service.scrutiny import Scrutiny
from service.structured import by_schema, check_form

TEXTS = (
    "The office is in Turku.",
    "Staff get 27 days of leave. It costs EUR 5,850 a year.",
    "Ask Mia at mia@talvio.com or +358 40 123 4567.",
)
SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}, "mail": {"type": "string"}}}
FORM = json.dumps({"name": "x", "schema": SCHEMA})
PRIVATE = re.compile(r"\S+@\S+\.com|\+?[\d ]{12,}")


class Words:
    """A rail: finds what a pattern matches."""

    def __init__(self, name, pattern):
        self.name, self._pattern, self.seen = name, pattern, []

    def inspect(self, sample):
        self.seen.append((sample.stage, sample.text))
        return Inspection(
            tuple(
                Finding(self.name, "found", Action.ALLOW, 1.0, *match.span(), "private words", "<MASK>")
                for match in self._pattern.finditer(sample.text)
            )
        )


def guarded():
    rules = {"pii": {"action": "redact"}, "topics": {"action": "block", "message": "Not about that."}}
    policy = Policy.model_validate({"name": "test", "message": "Stopped.", "stages": {"output": rules}})
    return Guard(policy, [Words("pii", PRIVATE), Words("topics", re.compile("forbidden"))])


class Engine:
    """Says `first` without a form, `second` with one; keeps what it was asked."""

    keeps_forms = True

    def __init__(self, first, second, finish="stop"):
        self.first, self.second, self.finish, self.asked = first, second, finish, []

    async def stream(self, model, messages, sampling):
        del model
        self.asked.append((messages[-1]["content"], sampling))
        reply = self.second if sampling.form else self.first
        if reply is None:
            raise EngineFailed("the engine broke down; ask again")
        for at in range(0, len(reply), 4):
            yield Piece(reply[at : at + 4])
        yield Piece("", self.finish if sampling.form else "stop", Usage(10, 5))


class Pointer:
    """Points at the beginning of the second passage."""

    name = "pointer"

    def found(self, asked):
        return [Found(float(place != 1), (2, 7)) for place, _ in enumerate(asked)]


def answer(first, second="", finish="stop", manner=Calibration(), pointer=None, **sampling):  # noqa: B008  # frozen
    """Run one answer; gives what was sent, the answer as it stands and the engine."""
    engine, draft = Engine(first, second, finish), Draft("ans-1", "m", guarded())
    reader = Reader(engine, "m", manner, Scrutiny(pointer or Pointer))
    packed = []
    for n, text in enumerate(TEXTS, start=1):
        place = (f"c-{n}", f"d-{n}", f"file:///{n}.md", "T", "H", text, 100, 100 + len(text), None, 1.0)
        packed.append(Block("H", text, (Passage(*place),)))
    draft.packed(packed)
    task = Task("How many days?", packed, Sampling(**({"form": FORM} | sampling)))

    async def run():
        said = []
        async for text in by_schema(reader, draft, task):
            draft.said(text)
            said.append(text)
        return said

    return asyncio.run(run()), draft.completed(), engine


def test_the_answer_is_json_sent_at_once_and_cites_where_its_values_stand():
    said, told, _ = answer(
        "27 [2]", '{"days": 27, "year": "EUR 5,850 a year [2]", "paid": true, "end": null}'
    )
    assert [json.loads(text) for text in said] == [
        {"days": 27, "year": "EUR 5,850 a year", "paid": True, "end": None}
    ]
    assert {(cited.n, cited.quote) for cited in told.citations} == {
        (2, "Staff get 27 days of leave."),
        (2, "It costs EUR 5,850 a year."),
    }
    assert (told.grounded, told.refused, told.finish_reason) == (1.0, False, "stop")


def test_the_second_reading_sees_the_cited_passages_alone_and_both_are_paid_for():
    _, told, engine = answer("27 [2][1] [9]", '{"days": 27}')
    (first, free), (second, bound) = engine.asked
    assert all(text in first for text in TEXTS)
    assert [text in second for text in TEXTS] == [True, True, False]
    assert (free.form, bound.form) == (None, FORM)
    assert told.usage == Usage(20, 10)


def test_who_is_shown_one_place_decides_and_then_all_passages_are_seen():
    pointed = Calibration(0.0, Pointed("pointer", 0.0, 0.0))
    _, told, engine = answer("27 [1]", '{"days": 27}', manner=pointed)
    (first, _), (second, _) = engine.asked
    assert [text in first for text in TEXTS] == [False, True, False]
    assert all(text in second for text in TEXTS)
    assert told.usage == Usage(20, 10)


def test_an_answer_that_names_no_passage_leaves_them_all():
    _, _, engine = answer("27", '{"days": 27}')
    assert all(text in engine.asked[1][0] for text in TEXTS)


def test_few_tokens_for_the_json_do_not_cut_the_decision_short():
    _, _, engine = answer("27 [2]", '{"days": 27}', max_tokens=5)
    assert [sampling.max_tokens for _, sampling in engine.asked] == [64, 5]


@pytest.mark.parametrize("first", ["I don't know", "i don't know. The passages", " \n", ""])
def test_the_free_answer_decides_to_refuse_and_nothing_is_written(first):
    said, told, engine = answer(first, '{"days": 99}')
    assert said[0].startswith("I don't know")
    assert (told.refused, told.citations, told.grounded) == (True, (), 0.0)
    assert len(engine.asked) == 1
    assert told.usage == Usage(10, 5)


def test_a_value_that_stands_nowhere_is_flagged_and_lowers_what_is_grounded():
    said, told, _ = answer("27 [2]", '{"days": 27, "weeks": 99}')
    assert json.loads(said[0]) == {"days": 27, "weeks": 99}
    assert told.grounded == 0.5
    assert {decision.label for decision in told.decisions} == {"unverified-citation"}


def test_a_number_is_found_as_people_write_it():
    _, told, _ = answer("5,850 [2]", '{"euros": 5850}')
    assert [cited.quote for cited in told.citations] == ["It costs EUR 5,850 a year."]


def test_private_words_are_masked_within_their_string():
    said, told, _ = answer(
        "mia@talvio.com [3]", '{"mail": "Write to mia@talvio.com", "n": [["mia@talvio.com"]]}'
    )
    assert json.loads(said[0]) == {"mail": "Write to <MASK>", "n": [["<MASK>"]]}
    assert {(d.rail, d.action) for d in told.decisions} >= {("pii", Action.REDACT)}
    assert all("talvio.com" not in cited.quote for cited in told.citations)


def test_escapes_hide_nothing():
    hidden = "".join(f"\\u{ord(letter):04x}" for letter in "mia@talvio.com")
    said, _, _ = answer("mia@talvio.com [3]", f'{{"mail": "{hidden}"}}')
    assert json.loads(said[0]) == {"mail": "<MASK>"}


@pytest.mark.parametrize(
    "second",
    [
        '{"phone": 358401234567}',
        '{"mia@talvio.com": 1}',
        '["+358 40 12", "3 4567"]',
        '["m","i","a","@","t","a","l","v","i","o",".","c","o","m"]',
        '{"a": "MIA", "b": {"c": "talvio", "d": "COM"}}',
        '["358 40", 1234567]',
        '["mia", "days", "talvio", "days", "com"]',
        '{"mia": 1, "talvio": 2, "com": 3}',
    ],
)
def test_what_cannot_be_masked_ends_the_answer(second):
    said, told, _ = answer("Ask Mia [3]", second)
    assert said == ["Stopped."]
    assert (told.finish_reason, told.citations) == ("content_filter", ())
    assert [(d.rail, d.stage) for d in told.decisions if d.action is Action.BLOCK] == [("pii", Stage.OUTPUT)]


def test_a_name_that_stands_in_the_schema_is_the_callers_own():
    form = json.dumps({"name": "x", "schema": {"properties": {"forbidden": {}}}})
    said, _, _ = answer("27 [2]", '{"forbidden": 27}', form=form)
    assert json.loads(said[0]) == {"forbidden": 27}


def test_a_blocked_value_blocks_the_answer_with_the_rules_message():
    said, told, _ = answer("27 [2]", '{"days": 27, "more": "the forbidden topic"}')
    assert (said, told.finish_reason, told.citations) == (["Not about that."], "content_filter", ())


def test_an_answer_that_did_not_fit_is_not_sent_in_part():
    said, told, _ = answer("27 [2]", '{"days": 2', finish="length")
    assert (said, told.text, told.finish_reason) == ([], "", "length")
    assert told.usage == Usage(20, 10)


@pytest.mark.parametrize(
    "second", ["27 days", "", '{"days": 27', '{"days": NaN}', '{"days": 1e999}', "[" * 5_000, '{"a": 27} [2]']
)
def test_an_engine_that_wrote_something_else_is_told_to_the_caller(second):
    with pytest.raises(EngineRefused, match="response_format") as caught:
        answer("27 [2]", second)
    assert "27 days" not in str(caught.value)


def test_half_a_character_does_no_harm():
    said, _, _ = answer("27 [2]", '{"a": "\\ud800 27"}')
    assert json.loads(said[0]) == {"a": "? 27"}


@pytest.mark.parametrize(("first", "second"), [(None, "{}"), ("27 [2]", None)])
def test_an_engine_that_breaks_down_at_either_reading_is_told(first, second):
    with pytest.raises(EngineFailed, match="ask again"):
        answer(first, second)


def test_an_engine_that_writes_plain_text_alone_refuses_a_schema_at_once():
    engine = Engine("", "")
    engine.keeps_forms = False
    messages = (Message("user", "How many days?"),)
    check_form(engine, Ask(messages))
    with pytest.raises(BadRequest, match=r"vLLM \(service.engine_url\)") as caught:
        check_form(engine, Ask(messages, sampling=Sampling(form=FORM)))
    assert (caught.value.status, caught.value.parameter) == (400, "response_format")
