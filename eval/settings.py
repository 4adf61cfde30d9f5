"""Configuration of evaluation: what an adapter is measured on, and how runs ask."""

from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings


class EvalSettings(TableSettings):
    """Settings of evaluation: `[eval]` in `plumbline.toml`, or `PLUMBLINE_EVAL__<NAME>`."""

    table: ClassVar[str] = "eval"
    model_config = SettingsConfigDict(env_prefix="PLUMBLINE_EVAL__", extra="forbid", populate_by_name=True)

    questions: int = Field(400, ge=1, description="Random questions that an adapter is asked.")
    unrelated: int = Field(150, ge=0, description="Questions that it is asked over unrelated passages.")
    base_questions: int = Field(
        60, ge=0, description="Questions for the base model beside it; 0 leaves it out."
    )

    key: SecretStr | None = Field(
        None, description="Key to ask another server with: scopes chat and eval. `--key` wins over it."
    )
    concurrency: int = Field(1, ge=1, le=256, description="Questions that a run has under way at a time.")
    patience: float = Field(
        300.0, gt=0, description="Seconds that a server may take until its next words, when a run asks it."
    )
