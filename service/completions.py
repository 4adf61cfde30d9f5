"""Answers in the shape of OpenAI's chat completions, with what we add at the top level.

Where JSON was asked for and the documents do not hold the answer, it stands in OpenAI's field `refusal`:
what stands in `content` can be read as JSON unless the `finish_reason` says otherwise.
"""

import time
from dataclasses import asdict
from typing import Any

from service.answer import Answer, Citation, Decision, Delta, Usage


def completion(answer: Answer, conversation_id: str | None, *, formed: bool = False) -> dict[str, Any]:
    """A whole `chat.completion`; `formed` if JSON was asked for."""
    apart = formed and answer.refused
    message = {
        "role": "assistant",
        "content": None if apart else answer.text,
        "refusal": answer.text if apart else None,
    }
    choice = {"index": 0, "message": message, "finish_reason": answer.finish_reason, "logprobs": None}
    return {
        "id": f"chatcmpl-{answer.answer_id}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": answer.model,
        "choices": [choice],
        "usage": _usage(answer.usage),
        **extensions(answer, conversation_id),
    }


class Chunks:
    """The `chat.completion.chunk`s of one stream: `role`, any number of `text`, `last`."""

    def __init__(self, name: str, model: str, *, include_usage: bool, formed: bool = False) -> None:
        """`name` tells this stream's chunks from others'; `model` is the one that was asked for.

        `formed` if JSON was asked for.
        """
        self._frame = {
            "id": f"chatcmpl-{name}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }
        self._include_usage, self._formed = include_usage, formed

    def role(self) -> dict[str, Any]:
        """The first chunk."""
        return self._chunk({"role": "assistant", "content": ""})

    def text(self, delta: Delta) -> dict[str, Any]:
        """Some more of the answer."""
        return self._chunk({"refusal" if self._formed and delta.refusing else "content": delta.text})

    def last(self, answer: Answer, conversation_id: str | None) -> list[dict[str, Any]]:
        """The end: an empty delta, why the answer ended, and all that is known of it.

        If the usage was asked for, it comes in a chunk of its own without choices, as OpenAI sends it;
        what is known of the answer stands in that one too, so that the last chunk always has it.
        """
        known = {"model": answer.model, **extensions(answer, conversation_id)}
        end = [self._chunk({}, answer.finish_reason) | known]
        if self._include_usage:
            end.append({**self._frame, "choices": [], "usage": _usage(answer.usage), **known})
        return end

    def _chunk(self, delta: dict[str, str], finish_reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
        usage = {"usage": None} if self._include_usage else {}
        return {**self._frame, "choices": [choice], **usage}


def extensions(answer: Answer, conversation_id: str | None) -> dict[str, Any]:
    """What we add to OpenAI's shapes; for an evaluation also what the model was shown."""
    shown = {"context": [asdict(exhibit) for exhibit in answer.exhibits]} if answer.evaluation else {}
    return {
        "citations": [_citation(citation) for citation in answer.citations],
        "guardrails": [_decision(decision) for decision in answer.decisions if not decision.shadow],
        "answer_id": answer.answer_id,
        "grounded": answer.grounded,
        "refused": answer.refused,
        "timings_ms": dict(answer.timings_ms),
        "conversation_id": conversation_id,
        "labels": list(answer.labels),
        **shown,
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
