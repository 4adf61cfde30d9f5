"""Answers in JSON by a schema of the caller's own (OpenAI's `response_format` of type `json_schema`).

What comes out: JSON that the engine wrote by the schema. Or, where the documents do not hold the answer,
a refusal in OpenAI's own field for it; where a rail ends the answer, the policy's message and
`content_filter`; where `max_tokens` do not suffice, nothing and `length`. Never a piece of JSON, and never
JSON with something around it.

Readings: two, since a schema has no place for a refusal or a marker. At first the model answers freely, as
it always does (`service.reading`): nobody sees that answer, it decides whether to refuse and which passages
matter. Then it writes by the schema, from these alone; from all, if it has named none or was shown one place
only. The prompt is the same, and does not show the schema: the engine holds to it.

Rails: half a document is of no use to the program that waits for it, and private words could hide in its
escapes. So it is held back until it is whole, and every value is screened as it reads; what leaves is
written anew from what has passed. What is masked is masked within its string: a schema's `pattern` or
`enum` may not hold for that string. What cannot be masked ends the answer: a number, a name that is not in
the schema, and private words of a passage that a schema has spread over several values.

Citations: no marker stands in JSON. Every string and number is looked up in the passages that it was
written from: `citations` has the words that it stands in, with the passage's number as `n`, and `grounded`
is the values' mean. A value that stands in none of them is flagged. Truth values and null say nothing that
could be looked up.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

from guardrails.language import spoken
from guardrails.rail import Sample
from guardrails.verdict import Action, Finding, Stage, Verdict
from service.answer import Ask
from service.citations import numbers, unmarked
from service.draft import Draft, private
from service.errors import BadRequest, EngineRefused
from service.generate import Generator, Piece
from service.prompts import Source
from service.reading import Reader, Task, refuses, total

DECIDING = 64  # tokens that the first reading may write, if the caller asks for fewer
SPREAD = 6  # letters and digits of private words that are looked for across values; fewer stand anywhere


def check_form(generator: Generator, ask: Ask) -> None:
    """Raises `BadRequest` if the engine cannot write as the caller wants it."""
    if ask.sampling.form is not None and not generator.keeps_forms:
        raise BadRequest(
            "the embedded engine cannot write JSON by a schema: leave the format out, or have the server "
            "use an endpoint that can, such as vLLM (service.engine_url)",
            "response_format",
        )


async def by_schema(reader: Reader, draft: Draft, task: Task) -> AsyncIterator[str]:
    """The answer, all at once.

    Raises:
        EngineRefused: what the engine wrote is no JSON.
        Whatever `Generator.stream` raises.
    """
    first = await reader.whole(_free(task))
    if not first.text.strip() or refuses(first.text):
        draft.engine(Piece("", "stop", first.usage))
        yield draft.refused()
        return
    every = range(1, len(task.passages) + 1)
    # Who was shown one place cannot say which other passages matter: a schema may ask for more than one.
    named = set() if reader.manner.pointed else set(numbers(first.text)) & set(every)
    shown = {n: task.passages[n - 1] for n in sorted(named) or every}
    second = await reader.plain(replace(task, passages=list(shown.values())))
    draft.engine(Piece("", second.finish, total(first.usage, second.usage)))
    if second.finish != "length":
        sheet = _Sheet(draft, shown, task.sampling.form or "")
        yield await asyncio.to_thread(sheet.checked, second.text)


def _free(task: Task) -> Task:
    enough = max(task.sampling.max_tokens, DECIDING)
    return replace(task, sampling=replace(task.sampling, max_tokens=enough, form=None))


class _Withheld(Exception):
    """A rail ends the answer: nothing of it leaves."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__()
        self.verdict = verdict


class _Sheet:
    """One answer in JSON on its way through the rails. `shown` are the passages by number."""

    def __init__(self, draft: Draft, shown: Mapping[int, Source], form: str) -> None:
        self._guard, self._draft, self._form = draft.guard, draft, form
        self._shown = {n: source.text for n, source in shown.items()}
        self._labels = draft.labels("".join(f"[{n}]" for n in shown))
        self._values: list[str] = []
        self._names: list[str] = []
        self._stated: list[tuple[tuple[str, ...], Verdict]] = []

    def checked(self, text: str) -> str:
        """What may be sent of the answer: JSON, or the policy's message. Raises `EngineRefused`."""
        try:
            sent = json.dumps(
                self._passed(json.loads(text, parse_constant=_no_json)), ensure_ascii=False, allow_nan=False
            )
            self._check_spread()
        except _Withheld as withheld:
            return self._draft.blocked(withheld.verdict)
        except (ValueError, RecursionError) as error:
            raise EngineRefused(
                "the engine did not write JSON by the schema: see that it supports response_format"
            ) from error
        self._draft.rests(self._labels)
        for forms, verdict in self._stated:
            self._draft.stated(forms, verdict, self._shown)
        return sent

    def _passed(self, value: Any) -> Any:  # noqa: ANN401  # any JSON
        if isinstance(value, dict):
            return {self._name(name): self._passed(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._passed(each) for each in value]
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            verdict = self._screened(unmarked(_whole_letters(value)), self._values)
            told = self._draft.placeholders.restored(verdict.text)
            self._keep(verdict, told)
            return told
        verdict = self._unmaskable(json.dumps(value), self._values)
        self._keep(verdict, verdict.text, f"{value:,}")
        return value

    def _name(self, name: str) -> str:
        """A field's name. The caller's own words are no news to the caller."""
        return name if self._is_own(name) else self._unmaskable(_whole_letters(name), self._names).text

    def _is_own(self, text: str) -> bool:
        return json.dumps(text, ensure_ascii=False) in self._form

    def _keep(self, verdict: Verdict, *forms: str) -> None:
        if any(letter.isalnum() for letter in verdict.text):
            self._stated.append((forms, verdict))

    def _screened(self, text: str, said: list[str]) -> Verdict:
        sample = Sample(
            text,
            Stage.OUTPUT,
            tuple(self._shown.values()),
            history=self._draft.heard,
            said=tuple(said),
            labels=self._labels,
        )
        verdict = self._guard.judge(sample)
        self._draft.decided(Stage.OUTPUT, verdict)
        if verdict.blocked:
            raise _Withheld(verdict)
        said.append(verdict.text)
        return verdict

    def _unmaskable(self, text: str, said: list[str]) -> Verdict:
        verdict = self._screened(text, said)
        for found in verdict.acting:
            if found.action is Action.REDACT:
                self._withhold(found, "and it cannot be masked there")
        return verdict

    def _check_spread(self) -> None:
        # Without the values that the schema spells out, too: they may stand between the pieces.
        foreign = [value for value in self._values if not self._is_own(value)]
        said = [_letters("".join(texts)) for texts in (self._values, foreign, self._names)]
        for text in self._shown.values():
            for found in private(self._guard, text):
                hidden = _letters(text[found.start : found.end])
                if len(hidden) >= SPREAD and any(hidden in letters for letters in said):
                    self._withhold(replace(found, start=0, end=0), "spread over several values")

    def _withhold(self, found: Finding, how: str) -> None:
        blocking = replace(found, action=Action.BLOCK, reason=f"{found.reason}, {how}")
        said = " ".join(self._values)
        message = spoken(self._guard.policy.message_for(Stage.OUTPUT, blocking), said)
        verdict = Verdict(Action.BLOCK, message, (blocking,), judged=said)
        self._draft.decided(Stage.OUTPUT, verdict)
        raise _Withheld(verdict)


def _letters(text: str) -> str:
    """Its letters and digits alone."""
    return "".join(filter(str.isalnum, text.casefold()))


def _whole_letters(text: str) -> str:
    """JSON can spell half a character: a question mark stands for it."""
    return text.encode("utf-8", "replace").decode()


def _no_json(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
