"""Everything that can go wrong while measuring.

EvalError
├── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
├── BadRun          a run's folder that cannot be read
├── BadRules        rules of a gate that cannot be read, or that contradict themselves
├── Incomparable    two runs that were asked different things, or of different documents
├── HistoryFault    the history's database failed
├── NightlyBusy     another process is at work on this night
├── Undelivered     a notification did not reach whom it was for
└── Unconfigured    a setting is missing; says which
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""


class BadRun(EvalError):
    """A run's folder cannot be read."""


class BadRules(EvalError):
    """The rules of a gate cannot be read, or contradict themselves."""


class Incomparable(EvalError):
    """Two runs were asked different things, or of different documents: no difference would mean anything."""


class HistoryFault(EvalError):
    """The history's database failed."""


class NightlyBusy(EvalError):
    """Another process is at work on this night."""


class Undelivered(EvalError):
    """A notification did not reach whom it was for."""


class Unconfigured(EvalError):
    """A setting is missing."""
