"""Custom rails that are somebody's own code: named in a policy, imported here."""

import importlib

from guardrails.custom_options import Code
from guardrails.errors import PolicyError
from guardrails.rail import Rail


def made(name: str, code: Code) -> Rail:
    """The rail that the entry `name` of a policy asks for.

    Raises:
        PolicyError: its module cannot be imported, has no such factory, or the factory makes no rail of
            these options.
    """
    module, _, factory = code.factory.partition(":")
    try:
        rail = getattr(importlib.import_module(module), factory)(**code.options)
    except (ImportError, SyntaxError) as error:
        raise _told(
            name, code, f"{module} cannot be imported ({error})", "install it beside the server"
        ) from error
    except AttributeError as error:
        raise _told(name, code, str(error), "correct its spelling") from error
    except (TypeError, ValueError) as error:
        raise _told(name, code, f"it does not take the options: {error}", "correct them") from error
    if not callable(getattr(rail, "inspect", None)):
        raise _told(name, code, "it returns no Rail", "return an object with a method inspect")
    return rail  # type: ignore[no-any-return]  # anybody's code; what it does wrong later, the guard sees to


def _told(name: str, code: Code, fault: str, remedy: str) -> PolicyError:
    return PolicyError(f"rails.custom: {name}: python: {code.factory}: {fault}. {remedy.capitalize()}.")
