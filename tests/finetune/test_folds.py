from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.datasets.readings import Reading, Shown, answered
from finetune.training.folds import folds

DOCUMENTS = {f"passage {n} of {name}": name for name in "abcdefgh" for n in range(3)}
MADE = "a table that was made up"


def reading(*passages):
    return Reading(tuple(Shown("", passage) for passage in passages), (answered("What?", "this", 1),))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from([*DOCUMENTS, MADE]), min_size=1, max_size=5), min_size=1, max_size=30),
    st.integers(2, 5),
)
def test_no_document_is_learnt_from_where_it_is_measured(shown, count):
    readings = [reading(*passages) for passages in shown]
    divided = folds(readings, DOCUMENTS, count)
    for fold in divided:
        homes = {DOCUMENTS.get(passage.text) for each in fold.validation for passage in each.passages}
        learnt = {DOCUMENTS.get(passage.text) for each in fold.train for passage in each.passages}
        assert not (homes & learnt) - {None}
        assert not [each for each in fold.validation if each in fold.train]
    measured = [each for fold in divided for each in fold.validation]
    # At most once; made-up passages alone are learnt from in every fold, one document's always measured.
    assert len(measured) <= len(readings)
    whole = [
        each
        for each in readings
        if len({DOCUMENTS.get(passage.text) for passage in each.passages} - {None}) == 1
    ]
    assert not [each for each in whole if each not in measured]
