"""Datasets without rails, for tests that are about something else; the grounding rail is the real one."""

from pathlib import Path

from finetune.datasets.clean import Means
from finetune.datasets.dataset import build
from finetune.datasets.files import File
from finetune.datasets.files import Means as Reading
from finetune.datasets.library import NoLibrary
from finetune.datasets.recipe import Recipe
from guardrails.grounding import Grounding
from guardrails.guard import Guard
from guardrails.policy import Policy

SMALL = Recipe(validation=0, test=0, tables=4, rivals=2)
OPEN = Guard(Policy(name="open", message="no", stages={}), [])


class _Never:
    """A grounding rail that objects to everything."""

    def unsupported(self, _sentence, _context):
        return 1.0


NEVER = _Never()


def files(*paths, library=None):
    means = Reading(lambda: library or NoLibrary(), Grounding)
    return [File(Path(path), means) for path in paths]


def means(held_out=(), guard=OPEN):
    return Means(guard, Grounding(), held_out)


def make(sources, out, recipe=None, **more):
    """Build a dataset of files, or of other sources; returns its manifest."""
    found = [files(each)[0] if isinstance(each, Path) else each for each in sources]
    return build(found, out, recipe or SMALL, means(**more))
