"""Everything that can go wrong while measuring.

EvalError
├── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
├── NothingToAsk    no question can be made of the documents; tells what to do
├── NoJudge         a judge is needed, and none is configured
└── JudgeFailed     a judge gave no verdict: a row's failure
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""


class NothingToAsk(EvalError):
    """No question can be made of the documents."""


class NoJudge(EvalError):
    """A judge is needed, and none is configured."""


class JudgeFailed(EvalError):
    """A judge gave no verdict, or none that can be read. It fails a row, never a run."""
