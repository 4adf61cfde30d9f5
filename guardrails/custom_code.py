"""Custom rails that are somebody's own code: named in a policy, imported here."""

import importlib

from guardrails.custom_options import Code
from guardrails.errors import PolicyError
from guardrails.outcome import Outcome
from guardrails.rail import Rail


def made(name: str, code: Code) -> Rail:
    """The rail that the entry `name` of a policy asks for.

    Raises:
        PolicyError: its module cannot be imported, has no such factory, or the factory makes no rail of
            these options, whatever it raises.
    """
    module, _, factory = code.factory.partition(":")
    with Outcome("it") as outcome:
        rail = getattr(importlib.import_module(module), factory)(**code.options)
    if outcome.error is not None:
        raise _told(name, code, *_fault(module, outcome.error, outcome.reason)) from outcome.error
    if not callable(getattr(rail, "inspect", None)):
        raise _told(name, code, "it returns no Rail", "return an object with a method inspect")
    return rail  # type: ignore[no-any-return]  # anybody's code; what it does wrong later, the guard sees to


def _fault(module: str, error: Exception, reason: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    match error:
        case ImportError() | SyntaxError():
            return f"{module} cannot be imported ({error})", "install it beside the server"
        case AttributeError():
            return str(error), "correct its spelling"
        case TypeError() | ValueError():
            return f"it does not take the options: {error}", "correct them"
        case _:
            return reason, "mend it"


def _told(name: str, code: Code, fault: str, remedy: str) -> PolicyError:
    return PolicyError(f"rails.custom: {name}: python: {code.factory}: {fault}. {remedy.capitalize()}.")
