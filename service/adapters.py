"""The adapter registry: immutable adapters in a folder, and the pointer to the promoted one.

<folder>/<task>-<hash>/   adapter_config.json, adapter_model.safetensors, calibration.json, card.json, card.md
<folder>/promoted         the name that `default` means
<folder>/canary           {"candidate", "share"}: who is compared with it, on which share of the conversations
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

from service.calibration import Calibration, calibration
from service.errors import ModelUnavailable, UnknownModel
from service.split import Arm, Split, read_split
from service.telemetry import log

DEFAULT = "default"
PROMOTED, CANARY = "promoted", "canary"


class Choice(NamedTuple):
    """The adapter that answers, and on which side of a comparison."""

    name: str
    arm: Arm = ""


class AdapterRegistry:
    """Names and folders of adapters. It does not load them."""

    def __init__(
        self,
        folder: Path,
        base: str,
        default: str | None = None,
        split: Split | None = None,
        merged: Path | None = None,
    ) -> None:
        """`base` is the model that the adapters are for; `default` and `split` stand in for the files.

        `merged` is the folder of an adapter that is in the base model's weights already.
        """
        self._folder, self.base, self._default, self._split = folder, base, default, split
        self._serving: str | None = None
        self._comparing: Split | None = None
        self._unfit = ""  # the promoted adapter that the log was told does not fit
        self._merged, self._calibrations = merged, dict[str, Calibration]()

    def names(self) -> list[str]:
        """The adapters made for the base model, in the order of their names."""
        return sorted(name for name in self._folders() if self._fits(name))

    def choose(self, model: str, key: str | None) -> Choice:
        """What answers a request for `model`; `key` is the same for all of a conversation.

        Without a key it has no part in a comparison. Nothing is compared before the candidate is ready, see
        `compare`.

        Raises:
            UnknownModel, ModelUnavailable: as `resolve`.
        """
        name = self.resolve(model)
        split = self._comparing
        if model != DEFAULT or key is None or split is None or name == split.candidate:
            return Choice(name)
        arm = split.arm(key)
        return Choice(split.candidate if arm == "candidate" else name, arm)

    def resolve(self, model: str) -> str:
        """The adapter that a request's `model` means; the base model's own name means no adapter.

        Raises:
            UnknownModel: there is none of that name.
            ModelUnavailable: `default` is asked for and nothing is promoted.
        """
        if model == DEFAULT:
            return self._serving or self.promoted()
        if model != self.base and not self._offers(model):
            known = ", ".join([DEFAULT, *self.names(), self.base])
            raise UnknownModel(f"there is no model {model[:80]!r}; use one of: {known}")
        return model

    def promoted(self) -> str:
        """The adapter that is promoted now; the base model where the promoted one is for another.

        Raises:
            ModelUnavailable: nothing is promoted, or what is promoted is gone or has a damaged card.
        """
        pointer = self._folder / PROMOTED
        name = self._default or (pointer.read_text().strip() if pointer.is_file() else "")
        if name and not self._fits(name) and self._default is None:
            self._tell_unfit(name)
            return self.base
        if name != self.base and not self._offers(name):
            raise ModelUnavailable(
                DEFAULT, f"no adapter {name!r} in {self._folder}; train one, or set service.default_adapter"
            )
        return name

    @property
    def serving(self) -> str | None:
        """What `default` means, once something was made ready for it."""
        return self._serving

    def comparison(self) -> Split | None:
        """The comparison that is wanted now; None where there is none.

        Raises:
            ModelUnavailable: the file is damaged, or its candidate is no adapter for the base model.
        """
        if self._split or self._default:  # who is pinned follows neither file
            return self._split
        split = read_split(self._folder / CANARY)
        if split and not self._offers(split.candidate):
            raise ModelUnavailable(split.candidate, f"no adapter in {self._folder} has the canary's name")
        return split

    def serve(self, name: str) -> None:
        """From now on `default` means `name`; an answer that has begun keeps its own."""
        self._serving = name

    def compare(self, split: Split | None) -> None:
        """From now on the candidate of `split` has its share; None: nobody has one."""
        self._comparing = split

    def path(self, name: str) -> Path | None:
        """The adapter's folder; None for the base model."""
        return None if name == self.base else self._folder / name

    def calibration(self, name: str) -> Calibration:
        """How the adapter is to be used. Read once: an adapter never changes under its name.

        Raises:
            ModelUnavailable: what its folder says of it is damaged.
        """
        if name not in self._calibrations:
            self._calibrations[name] = calibration(self.path(name) or self._merged)
        return self._calibrations[name]

    def _folders(self) -> set[str]:
        return {config.parent.name for config in self._folder.glob("*/adapter_config.json")}

    def _offers(self, name: str) -> bool:
        """Whether `name` is among `names`. It reads that one's card: another's damage is not its own."""
        return name in self._folders() and self._fits(name)

    def _fits(self, name: str) -> bool:
        """Whether the adapter's card names our base model; an adapter without a card may."""
        return bool(self.card(name).get("base", self.base) == self.base)

    def _tell_unfit(self, name: str) -> None:
        """Log it once: the pointer is read every second."""
        if name != self._unfit:
            log("promoted adapter is for another base model", adapter=name, model=self.base)
        self._unfit = name

    def card(self, name: str) -> dict[str, Any]:
        """The adapter's card; empty where it has none.

        Raises:
            ModelUnavailable: it is damaged.
        """
        file = self._folder / name / "card.json"
        try:
            return dict(json.loads(file.read_text())) if file.is_file() else {}
        except (OSError, ValueError, TypeError) as error:
            raise ModelUnavailable(name, f"{file} is damaged; copy the adapter anew") from error
