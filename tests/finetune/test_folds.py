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
    measured = []
    for fold in divided:
        homes = {
            DOCUMENTS[passage.text]
            for each in fold.validation
            for passage in each.passages[:1]
            if len(each.passages) == 1
        }
        learnt = {DOCUMENTS.get(passage.text) for each in fold.train for passage in each.passages}
        assert not homes & learnt
        assert not [each for each in fold.validation if each in fold.train]
        measured += fold.validation
    # Each once, but those of made-up passages alone, which are learnt from in every fold.
    assert sorted(map(str, measured)) == sorted(
        str(each) for each in readings if any(passage.text in DOCUMENTS for passage in each.passages)
    )
