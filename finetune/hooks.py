"""Hooks: where a team plugs in its tracker (MLflow, W&B), its approvals, its scheduler.

A hook is a function that takes an `Event`. It is installed as an entry point of any package, and called for
every event, in the order of the entry points' names:

    [project.entry-points."plumbline.finetune"]
    tracker = "our_package.tracking:log"

| event | subject | when | if the hook raises |
|---|---|---|---|
| dataset built | the dataset's folder | it is written | the dataset stays |
| epoch ended | the run's folder | a checkpoint is written | the run stops; the next resumes from there |
| trained | the model's folder | its card is written | the model stays |
| before promotion | the adapter's name | the gate has passed, or is overruled | nothing is promoted |
| promoted | the adapter's name | the pointer was moved | the adapter is live |
| rolled back | the adapter's name | the pointer was moved back | the adapter is live |

What is done no hook undoes: the others hear of it all the same, and the command says what it did, names the
hooks that failed, and ends with 1. Nothing is told twice: what a kill leaves untold stands in the dataset's
manifest, the model's card or the registry's `promotions.jsonl`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Literal

from finetune.errors import HookFailed
from service.problems import Caught

GROUP = "plumbline.finetune"
Name = Literal["dataset built", "epoch ended", "trained", "before promotion", "promoted", "rolled back"]
DONE: frozenset[Name] = frozenset({"dataset built", "trained", "promoted", "rolled back"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, or is about to. `facts` is what a card or a report would tell of it."""

    name: Name
    subject: str
    facts: Mapping[str, Any]


Hook = Callable[[Event], None]


class Hooks:
    """The hooks of this process. `failed` tells of those that failed on what was done already."""

    def __init__(self, hooks: Mapping[str, Hook] | None = None) -> None:
        """`hooks` by name; without them, nobody is told anything."""
        self._hooks = dict(hooks or {})
        self.failed: list[str] = []

    @classmethod
    def installed(cls) -> "Hooks":
        """The entry points of every installed package.

        Raises:
            HookFailed: one of them cannot be imported.
        """
        return cls({point.name: _loaded(point.name, point.load) for point in _points()})

    def tell(self, event: Event) -> None:
        """Call every hook.

        Raises:
            HookFailed: one raised, on what is not done yet; the others behind it are not called.
        """
        for name, hook in self._hooks.items():
            # A hook is anybody's code, and may raise anything.
            with Caught() as caught:
                hook(event)
            if caught.error is None:
                continue
            told = f"the hook {name!r} failed on {event.name!r}: {caught.error}"
            if event.name not in DONE:
                raise HookFailed(told) from caught.error
            self.failed.append(f"{told}; {event.subject} stays as it is")


def _points() -> Sequence[Any]:
    return sorted(entry_points(group=GROUP), key=lambda point: str(point.name))


def _loaded(name: str, load: Callable[[], Hook]) -> Hook:
    with Caught() as caught:
        return load()
    raise HookFailed(
        f"the hook {name!r} of {GROUP} cannot be loaded: {caught.error}; uninstall or mend it"
    ) from caught.error
