"""Configuration of evaluation: how it asks, what is asked every night, who hears of it."""

import os
from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings
from ingest.access import DEFAULT_TENANT, LONGEST_NAME
from ingest.settings import DatabaseUrl, sqlite_url


class EvalSettings(TableSettings):
    """Settings of evaluation: `[eval]` in `plumbline.toml`, or `PLUMBLINE_EVAL__<NAME>`."""

    table: ClassVar[str] = "eval"
    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_EVAL__",
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,  # some hold passwords
    )

    questions: int = Field(1_000, ge=1, description="Random questions of a file that an adapter is asked.")
    unrelated: int = Field(150, ge=0, description="Questions that it is asked over unrelated passages.")
    base_questions: int = Field(
        60, ge=0, description="The first of these are asked the base model beside it; 0 leaves it out."
    )

    # Runs: how they ask.
    key: SecretStr | None = Field(
        None, description="Key to ask another server with: scopes chat and eval. `--key` wins over it."
    )
    concurrency: int = Field(1, ge=1, le=256, description="Questions that a run has under way at a time.")
    patience: float = Field(
        300.0, gt=0, description="Seconds that a server may take until its next words, when a run asks it."
    )

    # The night: what is asked, what it is held against, and who hears of it.
    nightly_dataset: Path | None = Field(
        None, description="Questions that `eval nightly` asks, unless `--dataset` names others."
    )
    nightly_tenant: str = Field(
        DEFAULT_TENANT,
        min_length=1,
        max_length=LONGEST_NAME,
        description="Tenant whose questions are asked, and who may read the report.",
    )
    rules: Path | None = Field(
        None, description="The gate's rules in TOML. Default: the shipped `eval/rules.toml`."
    )
    baseline: Path | None = Field(
        None, description="Folder of the run that nights are held against. Unset: the last good night."
    )
    history_url: DatabaseUrl | None = Field(
        None,
        description="URL of the history's database, such as postgresql://user:password@host/name. "
        "Default: SQLite, `evaluation.db` in the data folder.",
    )
    report_url: str | None = Field(
        None,
        description="Where people reach the service, such as https://chat.example.com: messages then "
        "link to the report.",
    )
    webhook_url: SecretStr | None = Field(
        None,
        description="A regression or a failure is sent there, as JSON by POST; `text` says it in words.",
    )
    notify_to: list[str] = Field([], description="Addresses that a regression or a failure is mailed to.")
    notify_from: str = Field("plumbline@localhost", description="Sender of those mails.")
    smtp_host: str | None = Field(None, description="Mail server; without it no mail is sent.")
    smtp_port: int = Field(587, ge=1, le=65_535, description="Its port.")
    smtp_tls: bool = Field(True, description="Whether mail is sent only over STARTTLS.")
    smtp_user: str | None = Field(None, description="Name to log in to it with; unset: no login.")
    smtp_password: SecretStr | None = Field(None, description="Password to that name.")
    notify_timeout: float = Field(
        20.0, gt=0, description="Seconds that the webhook and the mail server have to answer."
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
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.home.expanduser().absolute()

    @property
    def history(self) -> str:
        """The URL of the history's database."""
        given = self.history_url
        return given.get_secret_value() if given else sqlite_url(self.folder / "evaluation.db")

    @property
    def verdicts(self) -> Path:
        """Folder of what judges have said, and of how far they agree with people."""
        return self.home / "verdicts"


def without_telemetry() -> None:
    """Forbid RAGAS to tell its makers what it is used for. It looks when it first would."""
    os.environ["RAGAS_DO_NOT_TRACK"] = "true"
