"""What can go wrong with the rails.

GuardrailsError
├── PolicyError       a policy file is missing, malformed, or asks for what does not exist
└── RailError         a rail could not judge a text; the guard then follows the policy's `fail`
    └── ModelError    a rail's model file is missing, damaged, or made for another encoder
"""


class GuardrailsError(Exception):
    """Anything the rails raise on purpose. The message says what to do about it."""


class PolicyError(GuardrailsError):
    """A policy that cannot be used. The message names file, field and remedy."""


class RailError(GuardrailsError):
    """A rail could not judge a text."""


class ModelError(RailError):
    """A rail's model is missing, damaged, or made for another encoder."""
