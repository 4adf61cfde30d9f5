"""The logits processor for vLLM, with the few parts of vLLM that it touches."""

import importlib.util
import sys
from abc import ABC
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest
import torch
import transformers

FILE = Path(__file__).parents[2] / "deploy" / "vllm" / "first_token.py"
WORDS = {"I": [7], "Yes": [3, 4]}


def follow(entries, update, new):
    """As vLLM's own: keeps `entries`, by row, in step with the batch."""
    if update is None:
        return False
    for row, params, prompt, written in update.added:
        state = new(params, prompt, written)
        if state is None:
            entries.pop(row, None)
        else:
            entries[row] = state
    for row in update.removed:
        entries.pop(row, None)
    for one, other in update.moved:
        if one in entries:
            entries[other] = entries.pop(one)
    return True


@pytest.fixture
def plugin(monkeypatch):
    parts = {
        "vllm": {"SamplingParams": SimpleNamespace},
        "vllm.v1.sample.logits_processor": {"BatchUpdate": SimpleNamespace, "LogitsProcessor": ABC},
        "vllm.v1.sample.logits_processor.builtin": {"process_dict_updates": follow},
    }
    names = {name.rsplit(".", depth)[0] for name in parts for depth in range(4)}
    for name in sorted(names | set(parts)):
        module = ModuleType(name)
        vars(module).update(parts.get(name, {}))
        monkeypatch.setitem(sys.modules, name, module)

    class Tokenizer:
        @staticmethod
        def from_pretrained(*_, **__):
            return lambda word, **_: {"input_ids": WORDS[word]}

    monkeypatch.setattr(transformers, "AutoTokenizer", Tokenizer)
    spec = importlib.util.spec_from_file_location("first_token", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def processor(plugin):
    model = SimpleNamespace(tokenizer="any", trust_remote_code=False)
    return plugin.FirstToken(SimpleNamespace(model_config=model), torch.device("cpu"), False)


def asked(constants: str | None) -> SimpleNamespace:
    return SimpleNamespace(extra_args=None if constants is None else {"first_token": constants})


def batch(added=(), removed=(), moved=()) -> SimpleNamespace:
    return SimpleNamespace(added=added, removed=removed, moved=moved)


def weighed(processor) -> dict[tuple[int, int], float]:
    """What is added to which row and token."""
    logits = processor.apply(torch.zeros(4, 10))
    return {(row, token): float(logits[row, token]) for row, token in logits.nonzero().tolist()}


def test_constants_are_added_to_the_first_token_of_their_own_request_alone(processor):
    written: list[int] = []
    processor.update_state(
        batch(added=[(0, asked(None), None, []), (1, asked('{"I": -2.5, "Yes": 1}'), None, written)])
    )
    assert weighed(processor) == {(1, 7): -2.5, (1, 3): 1.0}
    written.append(7)
    processor.update_state(None)
    assert weighed(processor) == {}


def test_a_request_keeps_its_constants_when_it_moves_and_loses_them_when_it_leaves(processor):
    processor.update_state(batch(added=[(2, asked('{"I": 1.0}'), None, [])]))
    processor.update_state(batch(moved=[(2, 0)]))
    assert weighed(processor) == {(0, 7): 1.0}
    processor.update_state(batch(removed=[0]))
    assert weighed(processor) == {}


def test_a_request_that_is_taken_up_again_has_begun_already(processor):
    processor.update_state(batch(added=[(0, asked('{"I": 1.0}'), None, [5])]))
    assert weighed(processor) == {}


@pytest.mark.parametrize("wrong", ["?", "[]", "1", '{"I": "much"}', '{"I": null}'])
def test_what_are_no_constants_is_refused_at_the_door(plugin, wrong):
    with pytest.raises(ValueError, match="JSON object of numbers"):
        plugin.FirstToken.validate_params(asked(wrong))


@pytest.mark.parametrize(("right", "added"), [(None, {}), ("{}", {}), ('{"I": -2}', {(0, 7): -2.0})])
def test_what_are_constants_is_taken_at_the_door_and_then_added(plugin, processor, right, added):
    plugin.FirstToken.validate_params(asked(right))
    processor.update_state(batch(added=[(0, asked(right), None, [])]))
    assert weighed(processor) == added


def test_the_likeliest_token_may_change(processor):
    assert processor.is_argmax_invariant() is False
