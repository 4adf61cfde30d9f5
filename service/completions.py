"""Answers in the shape of OpenAI's chat completions, with what we add at the top level."""

import time
from dataclasses import asdict
from typing import Any

from service.answer import Answer, Citation, Decision, Usage


def completion(answer: Answer, conversation_id: str | None) -> dict[str, Any]:
    """A whole `chat.completion`."""
    message = {"role": "assistant", "content": answer.text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}
    return {
        "id": f"chatcmpl-{answer.answer_id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": answer.model,
        "choices": [choice],
        "usage": _usage(answer.usage),
        **_extensions(answer, conversation_id),
    }


class Chunks:
    """The `chat.completion.chunk`s of one stream: `role`, any number of `text`, `last`."""

    def __init__(self, name: str, model: str, *, include_usage: bool) -> None:
        """`name` tells this stream's chunks from others'; `model` is the one that was asked for."""
        self._frame = {
            "id": f"chatcmpl-{name}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._include_usage = include_usage

    def role(self) -> dict[str, Any]:
        """The first chunk."""
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, text: str) -> dict[str, Any]:
        """Some more of the answer."""
        return self._chunk({"content": text})

    def last(self, answer: Answer, conversation_id: str | None) -> dict[str, Any]:
        """The last chunk: an empty delta, why the answer ended, and all that is known of it."""
        usage = {"usage": _usage(answer.usage)} if self._include_usage else {}
        frame = self._chunk({}, answer.finish_reason) | {"model": answer.model}
        return frame | usage | _extensions(answer, conversation_id)

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        usage = {"usage": None} if self._include_usage else {}
        return {**self._frame, "choices": [choice], **usage}


def _extensions(answer: Answer, conversation_id: str | None) -> dict[str, Any]:
    return {
        "citations": [_citation(citation) for citation in answer.citations],
        "guardrails": [_decision(decision) for decision in answer.decisions],
        "answer_id": answer.answer_id,
        "grounded": answer.grounded,
        "refused": answer.refused,
        "timings_ms": dict(answer.timings_ms),
        "conversation_id": conversation_id,
    }


def _citation(citation: Citation) -> dict[str, Any]:
    return asdict(citation)


def _decision(decision: Decision) -> dict[str, Any]:
    shown = {
        "rail": decision.rail,
        "stage": str(decision.stage),
        "action": str(decision.action),
        "policy": decision.policy,
        "reason": decision.reason,
    }
    return shown if decision.span is None else shown | {"span": list(decision.span)}


def _usage(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
    }
