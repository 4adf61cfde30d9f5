import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.batches import batches, rounded


@pytest.mark.parametrize(
    ("length", "padded"),
    [(0, 8), (1, 8), (8, 8), (9, 16), (64, 64), (65, 72), (128, 128), (129, 144), (256, 256), (257, 288)],
)
def test_lengths_are_rounded_up_to_eight_steps_an_octave(length, padded):
    assert rounded(length) == padded


@given(st.lists(st.integers(0, 9000), max_size=200), st.integers(1, 5000))
def test_every_text_is_in_one_batch_that_holds_it(lengths, budget):
    made = list(batches(lengths, budget))
    assert sorted(place for batch in made for place in batch.places) == list(range(len(lengths)))
    for batch in made:
        assert max(lengths[place] for place in batch.places) <= batch.length
        assert len(batch.places) <= batch.rows <= max(1, 2 * len(batch.places) - 1)
        assert len(batch.places) == 1 or len(batch.places) * batch.length <= budget


def test_little_is_padded():
    lengths = [40 + place * 7 % 217 for place in range(2_000)]
    computed = sum(batch.rows * batch.length for batch in batches(lengths, 2048))
    assert computed < 1.06 * sum(lengths)


def test_shapes_are_few():
    lengths = [place * 7 % 257 for place in range(2_000)]
    assert len({(batch.rows, batch.length) for batch in batches(lengths, 2048)}) < 30
