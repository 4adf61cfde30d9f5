"""Everything that can go wrong while fine-tuning.

FinetuneError
├── BadSource        a file of questions that cannot be read; names the file and the row
├── BadDataset       a dataset folder that is incomplete or changed since it was built
├── BadAdapter       an adapter folder that is incomplete
├── BadModel         a folder where a model of search is to be made, and cannot be
└── HookFailed       a team's own code, called on an event, raised
"""


class FinetuneError(Exception):
    """Base of the errors of fine-tuning."""


class BadSource(FinetuneError):
    """A file of questions and passages cannot be read."""


class BadDataset(FinetuneError):
    """A dataset folder is incomplete, or was changed since it was built."""


class BadAdapter(FinetuneError):
    """An adapter folder is incomplete."""


class BadModel(FinetuneError):
    """A model of search cannot be made there: something is there already."""


class HookFailed(FinetuneError):
    """A hook cannot be loaded, or raised."""
