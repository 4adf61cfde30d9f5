"""Configuration of the rails, and the way every folder reads its own table of `plumbline.toml`."""

import os
from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    PyprojectTomlConfigSettingsSource,
    SettingsConfigDict,
)


class TableSettings(BaseSettings):
    """One folder's settings: the environment wins over that folder's table in `plumbline.toml`.

    A subclass names its table in `table` and its prefix in `model_config`. Unknown keys in the
    table are an error (pydantic's `ValidationError`), so that a typing mistake is never ignored.
    """

    table: ClassVar[str]
    # What was given is not repeated: it may hold a password.
    model_config = SettingsConfigDict(extra="forbid", populate_by_name=True, hide_input_in_errors=True)

    home: Path = Field(
        Path(".plumbline"),
        validation_alias="PLUMBLINE_HOME",
        description="Data folder: the index, the catalog, the ledger and keys. Safe to copy when stopped.",
    )
    cache: Path = Field(
        Path("~/.cache/plumbline").expanduser(),
        validation_alias="PLUMBLINE_CACHE",
        description="Converted models, shared by all data folders.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 pydantic passes all four
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 as above
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order of precedence: arguments, environment, the folder's table of `plumbline.toml`."""
        file = Path(os.environ.get("PLUMBLINE_CONFIG", "plumbline.toml"))
        settings_cls.model_config["pyproject_toml_table_header"] = (cls.table,)
        return init_settings, env_settings, PyprojectTomlConfigSettingsSource(settings_cls, file)


def from_environment(name: str) -> str | None:
    """A secret that a policy names by its environment variable, so that no file holds it."""
    return os.environ.get(name)


class GuardrailsSettings(TableSettings):
    """Settings of the rails: `[guardrails]` in `plumbline.toml`, or `PLUMBLINE_GUARDRAILS__<NAME>`."""

    table: ClassVar[str] = "guardrails"
    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_GUARDRAILS__", extra="forbid", populate_by_name=True
    )

    policy: str = Field(
        "balanced",
        description="The rails' policy: `balanced`, `strict` or `open`, or a YAML file of your own.",
    )
    tenants: dict[str, str] = Field(
        default_factory=dict,
        description="Tenants that have a policy of their own, for what they ask and what they index: "
        "name = policy.",
    )
    keys: dict[str, str] = Field(
        default_factory=dict,
        description='Keys that have a policy of their own, by tenant and name: "acme/bot" = policy.',
    )
    reload: float = Field(
        1.0, ge=0, description="Seconds after which a server looks again whether a policy file has changed."
    )
    remember: int = Field(
        8_192,
        ge=0,
        description="Verdicts on passages and answers that a server remembers, a few kB each; 0: none.",
    )
