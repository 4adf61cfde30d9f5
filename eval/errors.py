"""Everything that can go wrong while measuring.

EvalError
└── BadQuestions    a file of questions that cannot be read; names the file and what is wrong
"""


class EvalError(Exception):
    """Base of the errors of measuring."""


class BadQuestions(EvalError):
    """A file of questions cannot be read."""
