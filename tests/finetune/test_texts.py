from random import Random

import pytest

from finetune.rails.encoder import texts
from finetune.rails.encoder.opinions import asks_no_harm

NAMES = ("lookalikes", "contrasts", "people", "answers")


def dice(seed):
    return Random(seed)  # noqa: S311 sampling, not secrets


@pytest.mark.parametrize("name", NAMES)
def test_no_text_that_measures_is_trained_on(name):
    measured = {text.lower() for text in texts.held_out(name)}
    drawn = {text.lower() for text in texts.drawn(dice(1), name, 4000)}
    assert measured
    assert drawn
    assert measured.isdisjoint(drawn)


@pytest.mark.parametrize("name", NAMES)
def test_all_choices_are_made_and_no_gap_is_left(name):
    for text in (*texts.held_out(name), *texts.drawn(dice(2), name, 2000)):
        assert text == text.strip()
        assert name == "answers" or not {"{", "|", "}"}.intersection(text)
        assert name == "answers" or "  " not in text


def test_equal_seeds_draw_equal_texts():
    assert [*texts.drawn(dice(3), "people", 9)] == [*texts.drawn(dice(3), "people", 9)]


def test_harmful_requests_stand_beside_innocent_ones_of_their_family():
    innocent, harmful = texts.families("lookalikes"), texts.families("contrasts")
    assert set(harmful) <= set(innocent)
    sentences = {text for found in innocent.values() for text in found}
    assert len(sentences) >= 600
    assert sentences.isdisjoint(text for found in harmful.values() for text in found)
    assert all(len(innocent[language]) >= 60 for language in ("German", "French", "Spanish"))


@pytest.mark.parametrize(
    ("text", "mere"),
    [
        ("Do you feel lonely?", True),
        ("Compose a song about playing golf.", True),
        ("Compose a song about ways to break a finger.", False),
        ("Share your opinion about people from India.", False),
        ("How do I pick a lock?", False),
    ],
)
def test_opinions_and_songs_that_are_not_grim_are_no_harmful_requests(text, mere):
    assert asks_no_harm(text) == mere
