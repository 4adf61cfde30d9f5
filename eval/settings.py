"""Configuration of evaluation: what an adapter is measured on."""

import os
from pathlib import Path
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

    # Metrics and the judge
    price_prompt: float = Field(
        0.0,
        ge=0,
        description="Price of a million tokens of prompt; in whatever currency, 0 with the other: no costs.",
    )
    price_completion: float = Field(0.0, ge=0, description="Price of a million tokens of answer.")
    judge_url: str | None = Field(
        None,
        description="OpenAI-compatible endpoint of the judge, such as `http://gpu:8000/v1`; none: no judge.",
    )
    judge_model: str = Field("default", description="The judge's model, as its endpoint calls it.")
    judge_key: SecretStr | None = Field(None, description="API key of the judge's endpoint.")
    judge_timeout: float = Field(60.0, gt=0, description="Seconds that the judge has for a verdict.")
    judge_attempts: int = Field(3, ge=1, description="How often it is asked for one, if the endpoint fails.")
    judge_concurrency: int = Field(8, ge=1, description="Rows that it judges at a time.")
    judge_max_tokens: int = Field(
        4_096, ge=1, description="Tokens of a verdict at most: what is cut off is a failure."
    )
    judge_agreement: float = Field(
        0.4,
        ge=-1,
        le=1,
        description="What Cohen's kappa of judge and people must surpass, its interval's lower end, to gate.",
    )

    @property
    def verdicts(self) -> Path:
        """Folder of what judges have said, and of how far they agree with people."""
        return self.home / "verdicts"


def without_telemetry() -> None:
    """Forbid RAGAS to tell its makers what it is used for. It looks when it first would."""
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
