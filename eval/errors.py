"""Everything that can go wrong while measuring.

EvalError
├── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
└── NothingToAsk    no question can be made of the documents; tells what to do
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""


class NothingToAsk(EvalError):
    """No question can be made of the documents."""
