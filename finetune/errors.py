"""Everything that can go wrong while fine-tuning.

FinetuneError
├── BadSource        a file of questions that cannot be read; names the file and the row
├── BadDataset       a dataset folder that is incomplete or changed since it was built
├── BadAdapter       an adapter folder that is incomplete
├── CannotTrain      a method that this machine or this model does not allow
├── OtherRun         the checkpoint of a run that was asked for differently
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


class CannotTrain(FinetuneError):
    """This machine, or this model, does not allow what was asked for."""


class OtherRun(FinetuneError):
    """There is the checkpoint of a run that was asked for differently."""


class HookFailed(FinetuneError):
    """A hook cannot be loaded, or raised."""
