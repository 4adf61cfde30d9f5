"""Everything that can go wrong while fine-tuning.

FinetuneError
├── BadSource        a file of questions that cannot be read; names the file and the row
├── BadDataset       a dataset folder that is incomplete or changed since it was built
├── Poisoned         a source that leaks from an evaluation set, or holds attacks, beyond what is tolerated
├── TeacherFailed    the endpoint whose answers are learnt from does not answer
├── BadAdapter       an adapter folder that is incomplete, or not for the base model
├── BadPlace         where something is to be made: taken, cannot be written, or another is at it
├── BadRegistry      a folder of adapters that cannot be written, or whose records are damaged
├── Busy             another promotion is under way
├── NothingBefore    there is nothing to roll back to
├── NothingLive      a canary beside nothing
├── Meanwhile        something else was promoted while the gate was measuring
├── CannotTrain      a method that this machine or this model does not allow
├── OtherRun         a folder that holds what a run has left that was asked for differently
└── HookFailed       a team's own code, called on an event, raised
"""


class FinetuneError(Exception):
    """Base of the errors of fine-tuning."""


class BadSource(FinetuneError):
    """A file of questions and passages cannot be read."""


class BadDataset(FinetuneError):
    """A dataset folder is incomplete, or was changed since it was built."""


class Poisoned(FinetuneError):
    """Too much of a source leaks from an evaluation set, or is an attack."""


class TeacherFailed(FinetuneError):
    """The endpoint whose answers are learnt from does not answer."""


class BadAdapter(FinetuneError):
    """An adapter folder is incomplete."""


class BadPlace(FinetuneError):
    """Nothing can be made there: something is there, it cannot be written, or another process makes it."""


class BadRegistry(FinetuneError):
    """A folder of adapters cannot be written, or its records are damaged."""


class Busy(FinetuneError):
    """Another promotion is under way."""


class NothingBefore(FinetuneError):
    """There is nothing to roll back to."""


class NothingLive(FinetuneError):
    """Nothing is live that a canary could be beside."""


class Meanwhile(FinetuneError):
    """Something else was promoted while the gate was measuring."""


class CannotTrain(FinetuneError):
    """This machine, or this model, does not allow what was asked for."""


class OtherRun(FinetuneError):
    """There is what a run has left that was asked for differently."""


class HookFailed(FinetuneError):
    """A hook cannot be loaded, or raised."""
