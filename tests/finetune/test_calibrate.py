import json

import pytest

from eval.questions import Row, Text
from finetune.calibrate import choose, first_token, leanings, refused, write
from service.adapters import AdapterRegistry
from service.errors import ModelUnavailable
from service.models import _constants
from service.reading import TWICE


def row(number, kind):
    return Row(str(number), "Where is it?", ("here",), (Text("", "It is here."),), 1, kind)


ROWS = [row(n, "answerable") for n in range(10)] + [row(n, "adversarial") for n in range(10, 14)]
LEANING = [-9, -8, -7, -6, -5, -4, -3, -2, -1, 1, -4.5, -0.5, 0.5, 2]


@pytest.mark.parametrize(
    ("most", "answerable", "adversarial"), [(0.0, 0.0, 0.25), (0.1, 0.1, 0.5), (0.5, 0.5, 1.0)]
)
def test_the_constant_refuses_as_many_answerable_questions_as_allowed(most, answerable, adversarial):
    shares = refused(ROWS, LEANING, choose(ROWS, LEANING, most))
    assert shares["answerable"] == pytest.approx(answerable, abs=0.05)
    assert shares["adversarial"] >= adversarial - 0.25


def test_a_larger_allowance_never_refuses_less():
    constants = [choose(ROWS, LEANING, most) for most in (0.0, 0.1, 0.2, 0.5)]
    assert constants == sorted(constants)


def test_leanings_compare_the_refusals_first_token_with_the_best_other(tiny):
    seen = []
    (lean,) = leanings(tiny, ROWS[:1], seen.append)
    assert seen == [1]
    assert lean < 0  # an untrained model prefers one of 49,151 others
    assert tiny.tokenizer.decode([first_token(tiny)]) == "I"


def test_the_constant_is_kept_beside_the_weights_and_read_when_they_are_loaded(tiny, tmp_path):
    write(tmp_path, 1.25, TWICE)
    assert _constants(tmp_path, tiny.tokenizer) == {first_token(tiny): 1.25}
    assert AdapterRegistry(tmp_path.parent, "base").calibration(tmp_path.name).readings == TWICE


def test_a_damaged_constants_is_a_clear_error(tiny, tmp_path):
    (tmp_path / "calibration.json").write_text(json.dumps({"first_token": 3}))
    with pytest.raises(ModelUnavailable, match="calibrate the adapter anew"):
        _constants(tmp_path, tiny.tokenizer)
