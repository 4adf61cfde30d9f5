"""A judge: a language model behind any OpenAI-compatible endpoint that fills in forms about answers.

It has a time for each verdict, and is asked again where the endpoint fails. It writes by the form's JSON
schema, at temperature 0; what does not fit, or was cut off, is a failure. Verdicts are kept by who judged,
how, and the whole prompt, which holds the row: another judge, setting, wording or row is another verdict.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from eval.errors import JudgeFailed
from eval.verdicts import Verdicts
from service.answer import Sampling
from service.errors import EngineFailed, ServiceError
from service.generate import Piece
from service.reading import joined

# A judge that has failed so many calls in a row is down: waiting for it on every row would take days.
GIVE_UP = 20

Form = TypeVar("Form", bound=BaseModel)


class Engine(Protocol):
    """What writes the verdicts: `service.endpoint.Endpoint`."""

    def stream(
        self, model: str, messages: Sequence[dict[str, str]], sampling: Sampling
    ) -> AsyncIterator[Piece]:
        """As `service.generate.Generator.stream`."""
        ...


@dataclass(frozen=True, slots=True)
class Manner:
    """Who judges, and how. `pause` is the wait before a second attempt, in seconds; it doubles."""

    url: str
    model: str
    timeout: float = 60.0
    attempts: int = 3
    concurrency: int = 8
    max_tokens: int = 4_096
    pause: float = 0.5

    @property
    def name(self) -> str:
        """The judge and what its verdicts depend on, for people and for fingerprints."""
        what = json.dumps([self.url, self.model, self.max_tokens])
        return f"{self.model}-{hashlib.sha256(what.encode()).hexdigest()[:8]}"


class Judge:
    """Fills in forms. It does not know metrics."""

    def __init__(self, engine: Engine, manner: Manner, verdicts: Verdicts) -> None:
        self.manner = manner
        self._engine, self._verdicts = engine, verdicts
        self._failed_in_a_row = 0

    async def fill(self, prompt: str, form: type[Form]) -> Form:
        """The form as the judge fills it in, or filled it in before.

        Raises:
            JudgeFailed: no verdict in time, none that fits the form, or the judge is given up.
        """
        schema = json.dumps(_closed(form.model_json_schema()), ensure_ascii=False)
        key = json.dumps([self.manner.name, schema, prompt], ensure_ascii=False)
        kept = self._verdicts.get(key)
        if kept is not None:
            return form.model_validate_json(kept)
        text = await self._asked(prompt, f'{{"name": "verdict", "strict": true, "schema": {schema}}}')
        try:
            filled = form.model_validate_json(text)
        except ValidationError as error:
            reason = error.errors()[0]["msg"]
            raise JudgeFailed(f"the judge's verdict does not fit the form: {reason}") from error
        self._verdicts.put(key, text)
        return filled

    async def _asked(self, prompt: str, form: str) -> str:
        if self._failed_in_a_row >= GIVE_UP:
            raise JudgeFailed(f"the judge was given up: it failed {GIVE_UP} times in a row")
        try:
            piece = await self._tried(prompt, form)
        except (TimeoutError, EngineFailed) as error:
            self._failed_in_a_row += 1
            reason = str(error) or f"no verdict within {self.manner.timeout:g} s"
            raise JudgeFailed(f"the judge failed: {reason}") from error
        except ServiceError as error:
            raise JudgeFailed(f"the judge would not judge: {error}") from error
        self._failed_in_a_row = 0
        if piece.finish == "length":
            raise JudgeFailed(
                f"the verdict was cut off at {self.manner.max_tokens} tokens: raise eval.judge_max_tokens"
            )
        return piece.text

    async def _tried(self, prompt: str, form: str) -> Piece:
        """One verdict, asked for until there is one. Raises what the last attempt did."""
        sampling = Sampling(max_tokens=self.manner.max_tokens, form=form)
        attempts = AsyncRetrying(
            stop=stop_after_attempt(self.manner.attempts),
            wait=wait_exponential_jitter(multiplier=self.manner.pause, max=30, jitter=self.manner.pause),
            retry=retry_if_exception_type((TimeoutError, EngineFailed)),
            reraise=True,
        )
        return await attempts(self._once, [{"role": "user", "content": prompt}], sampling)

    async def _once(self, messages: Sequence[dict[str, str]], sampling: Sampling) -> Piece:
        async with asyncio.timeout(self.manner.timeout):
            return await joined(self._engine.stream(self.manner.model, messages, sampling))


def _closed(schema: Any) -> Any:  # noqa: ANN401  # any JSON
    """The schema without room for further fields: OpenAI's strict mode takes no other."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {name: _closed(each) for name, each in schema.items()}
    return closed | {"additionalProperties": False} if closed.get("type") == "object" else closed
