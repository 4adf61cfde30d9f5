"""Everything that can go wrong while measuring.

EvalError
├── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
├── TargetFault     what is evaluated does not answer, or not as a Plumbline does
│   └── Busy        it says when to come again
├── NoKey           nobody gave a key for some of those who ask, or one of another's
└── OtherRun        the folder holds another run, one at work, or none that can be gone on with
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""


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
