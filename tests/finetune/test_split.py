from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.datasets.examples import Example
from finetune.datasets.split import side, split

PASSAGES = [
    f"The {name} works built its first units. "
    + " ".join(f"Model {n + m} of {name} came from hall {m * 7} in {1900 + n * m}." for m in range(12))
    for n, name in enumerate(["Turku", "Pori", "Oulu", "Kemi"])
]  # fmt: skip
ARTICLES = st.sampled_from(["", "A", "B", "C", "D", "E"])
PLACES = st.sampled_from(
    [*PASSAGES, *(text.replace("Model 9", "Model 8") for text in PASSAGES), *map(str.upper, PASSAGES)]
)
ORIGINS = st.sampled_from(["squad", "squad", "squad", "feedback"])


def example(article, passage, origin="squad", question="Why?"):
    return Example("a", origin, article, "", passage, question, None)


EXAMPLES = st.lists(st.builds(example, ARTICLES, PLACES, ORIGINS), min_size=1, max_size=30)


@settings(deadline=None, max_examples=50)
@given(EXAMPLES, st.floats(0, 0.5), st.floats(0, 0.5))
def test_no_document_and_no_passage_stands_on_two_sides(examples, validation, test):
    done = split(examples, validation, test)
    assert [(each.passage, each.article) for each in done] == [(e.passage, e.article) for e in examples]
    sides = defaultdict(set)
    for each in done:
        sides["document", each.document].add(each.split)
        # What the pool makes of one passage is alike.
        sides["passage", each.passage.lower().replace("model 9", "model 8")].add(each.split)
    assert all(len(found) == 1 for found in sides.values())


@settings(deadline=None, max_examples=50)
@given(EXAMPLES)
def test_what_users_rated_is_learnt_with_all_that_is_asked_of_its_document(examples):
    done = split(examples, 0.5, 0.5)
    rated = {each.document for each in done if each.origin == "feedback"}
    assert all(each.split == "train" for each in done if each.document in rated)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=20, unique=True))
def test_a_document_stays_on_its_side_whatever_else_there_is(names):
    together = split([example(name, f"{name} {name}") for name in names], 0.3, 0.3)
    alone = [split([example(name, f"{name} {name}")], 0.3, 0.3)[0].split for name in names]
    assert [each.split for each in together if each.article] == alone


@settings(deadline=None, max_examples=50)
@given(EXAMPLES, EXAMPLES)
def test_what_was_a_test_is_never_learnt_from_whatever_is_built_on_it(examples, more):
    unrated = [each for each in examples if each.origin != "feedback"]
    held = {each.document for each in split(unrated, 0.2, 0.3) if each.split == "test"}
    later = split([*unrated, *(each for each in more if each.origin != "feedback")], 0.2, 0.3)
    assert {each.split for each in later if each.document in held} <= {"test"}


def test_about_the_wanted_share_of_documents_is_held_out():
    sides = [side(f"document {n}", 0.1, 0.2) for n in range(2_000)]
    assert 150 < sides.count("validation") < 250
    assert 330 < sides.count("test") < 470
