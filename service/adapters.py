"""The adapter registry: immutable adapters in a folder, and the pointer to the promoted one.

<folder>/<task>-<hash>/   adapter_config.json, adapter_model.safetensors, calibration.json, card.json, card.md
<folder>/promoted         the name that `default` means
"""

import json
from pathlib import Path
from typing import Any

from service.errors import ModelUnavailable, UnknownModel
from service.reading import ONCE

DEFAULT = "default"
CALIBRATION = "calibration.json"


class AdapterRegistry:
    """Names and folders of adapters. It does not load them."""

    def __init__(self, folder: Path, base: str, default: str | None = None) -> None:
        self._folder, self.base, self._default = folder, base, default

    def names(self) -> list[str]:
        """The adapters made for the base model, in the order of their names."""
        folders = (config.parent for config in self._folder.glob("*/adapter_config.json"))
        return sorted(folder.name for folder in folders if self._fits(folder.name))

    def resolve(self, model: str) -> str:
        """The adapter that a request's `model` means; the base model's own name means no adapter.

        Raises:
            UnknownModel: there is none of that name.
            ModelUnavailable: `default` is asked for and nothing is promoted.
        """
        if model == DEFAULT:
            return self.promoted()
        if model != self.base and model not in self.names():
            known = ", ".join([DEFAULT, *self.names(), self.base])
            raise UnknownModel(f"there is no model {model[:80]!r}; use one of: {known}")
        return model

    def promoted(self) -> str:
        """The adapter that `default` means now; the base model where the promoted one is for another."""
        pointer = self._folder / "promoted"
        name = self._default or (pointer.read_text().strip() if pointer.is_file() else "")
        if name and not self._fits(name) and self._default is None:
            return self.base
        if name != self.base and name not in self.names():
            raise ModelUnavailable(
                DEFAULT, f"no adapter {name!r} in {self._folder}; train one, or set service.default_adapter"
            )
        return name

    def path(self, name: str) -> Path | None:
        """The adapter's folder; None for the base model."""
        return None if name == self.base else self._folder / name

    def readings(self, name: str) -> int:
        """How often the adapter reads for an answer (`service.reading`); once unless its folder says more.

        Raises:
            ModelUnavailable: what its folder says is damaged.
        """
        file = self._folder / name / CALIBRATION
        if name == self.base or not file.is_file():
            return ONCE
        try:
            return int(json.loads(file.read_text()).get("readings", ONCE))
        except (ValueError, TypeError, AttributeError) as error:
            raise ModelUnavailable(name, f"{file} is damaged; calibrate the adapter anew") from error

    def _fits(self, name: str) -> bool:
        """Whether the adapter's card names our base model; an adapter without a card may."""
        return bool(self.card(name).get("base", self.base) == self.base)

    def card(self, name: str) -> dict[str, Any]:
        """The adapter's card; empty where it has none."""
        file = self._folder / name / "card.json"
        return dict(json.loads(file.read_text())) if file.is_file() else {}
