"""Configuration of fine-tuning: the base model and where its data is kept."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings


class FinetuneSettings(TableSettings):
    """Settings of fine-tuning: `[finetune]` in `plumbline.toml`, or `PLUMBLINE_FINETUNE__<NAME>`."""

    table: ClassVar[str] = "finetune"
    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_FINETUNE__", extra="forbid", populate_by_name=True
    )

    model: str = Field(
        "SmolLM2-135M-Instruct", description="Base model: the packaged one, a folder, or a local model name."
    )
    threads: int = Field(0, ge=0, description="Processor threads of the trainer; 0: as many as cores.")

    # The gate that an adapter passes before it is promoted.
    gate_questions: Path | None = Field(
        None,
        description="Questions that adapters are judged by before promotion: SQuAD v2 JSON or JSON lines, "
        "never trained on. `--questions` wins over it.",
    )
    gate_rules: Path | None = Field(
        None, description="The gate's rules in TOML. Default: the shipped `finetune/gate.toml`."
    )
