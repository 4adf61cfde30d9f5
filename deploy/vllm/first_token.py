"""A logits processor for vLLM: constants on the scores of an answer's first token, and of no other.

An adapter's calibration.json weighs how readily it refuses: a constant on the token that a refusal begins
with, where an answer begins. vLLM's `logit_bias` would weigh that token all through the answer. Start vLLM
with `--logits-processors first_token:FirstToken`, this folder on PYTHONPATH and VLLM_USE_V2_MODEL_RUNNER=0
(it is written for the V1 runner, as CPUs and GPUs have it). Requests carry constants
by word in `vllm_xargs`, as JSON in a string: `"first_token": '{"I": -2.1}'`; a word is its first token.
"""

import json
from typing import Any

import torch
from transformers import AutoTokenizer
from vllm import SamplingParams
from vllm.v1.sample.logits_processor import BatchUpdate, LogitsProcessor
from vllm.v1.sample.logits_processor.builtin import process_dict_updates

FIELD = "first_token"


class FirstToken(LogitsProcessor):  # type: ignore[misc]  # the checker does not see vLLM
    """Adds each request's constants while it has written nothing."""

    def __init__(self, vllm_config: Any, device: torch.device, is_pin_memory: bool) -> None:  # noqa: ANN401  # vLLM's signature
        del is_pin_memory
        model = vllm_config.model_config
        self._tokenizer = AutoTokenizer.from_pretrained(
            model.tokenizer, trust_remote_code=model.trust_remote_code
        )
        self._device = device
        # By its row in the batch: a request's constants by token, and what it has written so far.
        self._silent: dict[int, tuple[dict[int, float], list[int]]] = {}
        self._places = (self._tensor([]), self._tensor([]))
        self._constants = torch.empty(0, device=device)

    @classmethod
    def validate_params(cls, sampling_params: SamplingParams) -> None:
        """Raise ValueError, which vLLM answers with status 400, for what are no constants."""
        _constants(sampling_params)

    def is_argmax_invariant(self) -> bool:
        """No: to change the likeliest token is the point."""
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """Follow who is in the batch, and who has begun to write."""
        changed = process_dict_updates(self._silent, batch_update, self._added)
        begun = [row for row, (_, written) in self._silent.items() if written]
        for row in begun:
            del self._silent[row]
        if changed or begun:
            self._lay_out()

    def apply(self, logits: torch.Tensor) -> torch.Tensor:
        """Add the constants to `logits` (rows, vocabulary), in place."""
        if self._silent:
            logits.index_put_(self._places, self._constants.to(logits.dtype), accumulate=True)
        return logits

    def _added(
        self, params: SamplingParams, prompt: list[int] | None, written: list[int]
    ) -> tuple[dict[int, float], list[int]] | None:
        del prompt
        constants = {self._token(word): value for word, value in _constants(params).items()}
        return (constants, written) if constants and not written else None

    def _token(self, word: str) -> int:
        return int(self._tokenizer(word, add_special_tokens=False)["input_ids"][0])

    def _lay_out(self) -> None:
        cells = [
            (row, token, value)
            for row, (constants, _) in self._silent.items()
            for token, value in constants.items()
        ]
        self._places = (self._tensor([row for row, _, _ in cells]), self._tensor([at for _, at, _ in cells]))
        self._constants = torch.tensor([value for _, _, value in cells], device=self._device)

    def _tensor(self, numbers: list[int]) -> torch.Tensor:
        return torch.tensor(numbers, dtype=torch.long, device=self._device)


def _constants(params: SamplingParams) -> dict[str, float]:
    """The constants of a request by word. Raises ValueError."""
    text = (params.extra_args or {}).get(FIELD)
    if text is None:
        return {}
    try:
        return {str(word): float(value) for word, value in json.loads(text).items() if word}
    except (TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{FIELD} must be a JSON object of numbers by word, as a string") from error
