"""Answers in the shape of OpenAI's responses: the object, and the events that it is streamed as.

What we add stands at the top level of the object, as it does in chat completions.
"""

import time
from collections.abc import Mapping
from typing import Any

from service.answer import Answer, Delta
from service.completions import extensions
from service.problems import Problem

# What a response says of all that is not done here.
PLAIN: Mapping[str, Any] = {
    "background": False,
    "error": None,
    "incomplete_details": None,
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "service_tier": "default",
    "store": False,
    "tool_choice": "auto",
    "tools": [],
    "truncation": "disabled",
}
ENDS = {"length": "max_output_tokens", "content_filter": "content_filter"}


class Response:
    """One response: as it begins, and as it ends."""

    def __init__(self, name: str, model: str, echo: Mapping[str, Any], *, formed: bool) -> None:
        """`name` tells it from others; `echo` is what it repeats of its request; `formed`: JSON is wanted."""
        self._name, self._formed = name, formed
        self._frame = {
            "id": f"resp_{name}",
            "object": "response",
            "created_at": int(time.time()),
            "model": model,
            **PLAIN,
            **echo,
        }

    def begun(self) -> dict[str, Any]:
        """Nothing is said yet."""
        return {**self._frame, "status": "in_progress", "output": [], "usage": None}

    def failed(self, problem: Problem) -> dict[str, Any]:
        """It broke off."""
        error = {"code": "server_error", "message": problem.message}
        return {**self.begun(), "status": "failed", "error": error}

    def finished(self, answer: Answer, conversation_id: str | None) -> dict[str, Any]:
        """All of it."""
        reason = ENDS.get(answer.finish_reason)
        part = [self.part(answer.text, refusing=answer.refused)] if answer.text else []
        prompt, completion = answer.usage.prompt_tokens, answer.usage.completion_tokens
        return {
            **self._frame,
            "model": answer.model,
            "status": "incomplete" if reason else "completed",
            "incomplete_details": {"reason": reason} if reason else None,
            "output": [self.item("incomplete" if reason else "completed", part)],
            "usage": {
                "input_tokens": prompt,
                "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
                "output_tokens": completion,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": prompt + completion,
            },
            **extensions(answer, conversation_id),
        }

    def item(self, status: str, content: list[dict[str, Any]]) -> dict[str, Any]:
        """The one item of its output: a message."""
        message = {"type": "message", "id": f"msg_{self._name}", "role": "assistant"}
        return {**message, "status": status, "content": content}

    def part(self, text: str, *, refusing: bool) -> dict[str, Any]:
        """The one part of the message: a text, or a refusal in the place of JSON."""
        if self.apart(refusing=refusing):
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def apart(self, *, refusing: bool) -> bool:
        """Whether a refusal stands in a field of its own."""
        return self._formed and refusing


class ResponseEvents:
    """The events of one response: `opening`, any number of `text`, then `closing` or `failed`."""

    def __init__(self, response: Response) -> None:
        self._response, self._sent, self._spoken = response, 0, False
        self._item = {"output_index": 0, "item_id": response.item("in_progress", [])["id"]}

    def opening(self) -> list[dict[str, Any]]:
        """A response begins, and in it a message."""
        begun = self._response.begun()
        item = self._response.item("in_progress", [])
        return [
            self._event("response.created", response=begun),
            self._event("response.in_progress", response=begun),
            self._event("response.output_item.added", output_index=0, item=item),
        ]

    def text(self, delta: Delta) -> list[dict[str, Any]]:
        """Some more of the answer."""
        kind = "refusal" if self._response.apart(refusing=delta.refusing) else "output_text"
        more: dict[str, Any] = {} if kind == "refusal" else {"logprobs": []}
        events: list[dict[str, Any]] = []
        if not self._spoken:
            self._spoken = True
            part = self._response.part("", refusing=delta.refusing)
            events.append(self._of_part("response.content_part.added", part=part))
        return [*events, self._of_part(f"response.{kind}.delta", delta=delta.text, **more)]

    def closing(self, answer: Answer, conversation_id: str | None) -> list[dict[str, Any]]:
        """All that was begun ends."""
        events: list[dict[str, Any]] = []
        if self._spoken:
            part = self._response.part(answer.text, refusing=answer.refused)
            name = "refusal" if part["type"] == "refusal" else "text"
            more: dict[str, Any] = {} if name == "refusal" else {"logprobs": []}
            done = self._of_part(f"response.{part['type']}.done", **{name: part[name]}, **more)
            events += [done, self._of_part("response.content_part.done", part=part)]
        finished = self._response.finished(answer, conversation_id)
        item = finished["output"][0]
        events.append(self._event("response.output_item.done", output_index=0, item=item))
        return [*events, self._event(f"response.{finished['status']}", response=finished)]

    def failed(self, problem: Problem) -> list[dict[str, Any]]:
        """The response breaks off."""
        return [self._event("response.failed", response=self._response.failed(problem))]

    def _of_part(self, kind: str, **fields: object) -> dict[str, Any]:
        return self._event(kind, **self._item, content_index=0, **fields)

    def _event(self, kind: str, **fields: object) -> dict[str, Any]:
        number, self._sent = self._sent, self._sent + 1
        return {"type": kind, "sequence_number": number, **fields}
