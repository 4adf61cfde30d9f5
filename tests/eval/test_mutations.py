import random
import re

import pytest

from eval.mutations import KINDS, changes, copies, mutations

CHANCE = random.Random(1)  # noqa: S311 sampling, not secrets
TEXTS = [
    f"The hall in {town} has {number} chairs and {number + 9} desks since 5 March {1990 + number}. "
    f"Visitors from {town} "
    f"must not smoke before {number + 2} March 2001, and the manager Anna Berg may close it within five days."
    for number, town in enumerate(("Turku", "Lisbon", "Porto", "Vilnius", "Malmo"), start=20)
]


def test_as_many_are_made_of_each_kind():
    made = mutations(TEXTS, 40, seed=1)
    assert {kind: sum(each.kind == kind for each in made) for kind in KINDS} == dict.fromkeys(KINDS, 10)


def test_a_mutation_stands_in_no_passage_and_its_original_does():
    for each in mutations(TEXTS, 40, seed=1):
        assert each.original in each.passages[0]
        assert each.text not in each.passages[0]


def test_equal_seeds_make_equal_mutations():
    assert mutations(TEXTS, 40, seed=3) == mutations(TEXTS, 40, seed=3)
    assert mutations(TEXTS, 40, seed=3) != mutations(TEXTS, 40, seed=4)


def test_copies_stand_in_their_passages():
    assert all(text in passages[0] for text, passages in copies(TEXTS, 4, seed=1))


@pytest.mark.parametrize(
    ("how", "sentence", "pattern"),
    [
        ("another", "The hall has 64 chairs and no desks.", r"The hall has (?!64 )\d+ chairs and no desks\."),
        ("swapped", "It has 64 old chairs and 22 desks.", r"It has 22 old chairs and 64 desks\."),
        ("unit", "It is approved within 5 days.", r"It is approved within 5 weeks\."),
        ("currency", "It costs $5 a day.", r"It costs €5 a day\."),
        ("year", "It was built in 1990 here.", r"It was built in (?!1990)\d{4} here\."),
        ("weekday", "It opens on Monday at nine.", r"It opens on (?!Monday)[A-Z]\w+day at nine\."),
        ("rewritten", "It was opened on 5 March 2001.", r"It was opened on (?!5 March).*6.*\."),
        ("not", "Guests must pay at once.", r"Guests must not pay at once\."),
        ("contraction", "Guests must pay at once.", r"Guests mustn't pay at once\."),
        ("removed", "Guests must not pay at once.", r"Guests must pay at once\."),
        ("contraction removed", "It doesn't open today.", r"It does open today\."),
        ("opposite", "Pay before you leave it.", r"Pay after you leave it\."),
        ("opposite", "Guests may bring dogs.", r"Guests may not bring dogs\."),
    ],
)
def test_each_way_changes_what_it_says(how, sentence, pattern):
    made = [text for _, way, text in changes(sentence, sentence, [], CHANCE) if way == how]
    assert made
    assert all(re.fullmatch(pattern, text) for text in made), made


@pytest.mark.parametrize("sentence", ["Nothing here", "They sing and dance."])
def test_a_sentence_without_numbers_dates_names_or_verbs_stays(sentence):
    assert list(changes(sentence, sentence, ["Turku"], CHANCE)) == []
