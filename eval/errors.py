"""Everything that can go wrong while measuring.

EvalError
├── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
├── NothingToAsk    no question can be made of the documents; tells what to do
├── TargetFault     what is evaluated does not answer, or not as a Plumbline does
│   └── Busy        it says when to come again
├── NoKey           nobody gave a key for some of those who ask, or one of another's
├── OtherRun        the folder holds another run, one at work, or none that can be gone on with
├── BadRun          a run's folder that cannot be read
├── BadRules        rules of a gate that cannot be read, or that contradict themselves
├── Incomparable    two runs that were asked different things, or of different documents
├── HistoryFault    the history's database failed
├── NightlyBusy     another process is at work on this night
├── NightFailed     a night has no report yet; what was done of it is kept
├── Undelivered     a notification did not reach whom it was for
├── Unconfigured    a setting is missing; says which
├── NoJudge         a judge is needed, and none is configured
└── JudgeFailed     a judge gave no verdict: a row's failure
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""


class NothingToAsk(EvalError):
    """No question can be made of the documents."""


class TargetFault(EvalError):
    """What is evaluated does not answer, or not as a Plumbline does. `status` is HTTP's, 0 without one."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Busy(TargetFault):
    """Too much is asked just now; in `seconds` it may be asked again."""

    def __init__(self, message: str, status: int, seconds: float) -> None:
        super().__init__(message, status)
        self.seconds = seconds


class NoKey(EvalError):
    """Somebody's questions cannot be asked: there is no key of theirs."""


class OtherRun(EvalError):
    """The folder is no place for this run."""


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


class NightFailed(EvalError):
    """A night has no report yet. What was asked is kept, and the next attempt goes on from there."""


class Undelivered(EvalError):
    """A notification did not reach whom it was for."""


class Unconfigured(EvalError):
    """A setting is missing."""


class NoJudge(EvalError):
    """A judge is needed, and none is configured."""


class JudgeFailed(EvalError):
    """A judge gave no verdict, or none that can be read. It fails a row, never a run."""
