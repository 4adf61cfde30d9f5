"""The name of a model that is used in another way than it says itself."""

from itertools import combinations

import pytest

from ingest.embedders import configured, fitted
from ingest.recipe import Recipe
from ingest.settings import IngestSettings

RECIPES = [
    Recipe(),
    Recipe(query=""),
    Recipe(query="query: "),
    Recipe(document="query: "),
    Recipe(query="query: ", document="query: "),
    Recipe(dimension=64),
    Recipe(dimension=128),
    Recipe(query="query: ", dimension=64),
]


@pytest.mark.parametrize(("one", "other"), list(combinations(RECIPES, 2)))
def test_what_is_used_in_another_way_has_another_name(one, other):
    assert one.named("m") != other.named("m")


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_name_is_the_same_each_time_one_word_and_tells_no_prompt(recipe):
    assert recipe.named("m") == recipe.named("m")
    assert " " not in recipe.named("m")
    assert "query" not in recipe.named("m")


def test_a_model_that_is_used_as_it_is_keeps_its_name():
    assert Recipe().named("org/model") == "org/model"
    assert Recipe(dimension=64).named("org/model") == "org/model?dimension=64"


def test_settings_are_the_indexs_and_not_the_rails():
    settings = IngestSettings(embedding_dimension=64, query_prompt="q: ")
    assert configured(settings).name == Recipe("q: ", None, 64).named(fitted(settings).name)
    assert fitted(settings) is configured(IngestSettings())
