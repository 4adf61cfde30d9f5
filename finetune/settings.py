"""Configuration of fine-tuning: the base model, the trainer, what is never learnt from, and the teacher."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings

_DEMO = Path(__file__).parents[1] / "deploy" / "demo" / "evaluation.jsonl"


class FinetuneSettings(TableSettings):
    """Settings of fine-tuning: `[finetune]` in `plumbline.toml`, or `PLUMBLINE_FINETUNE__<NAME>`."""

    table: ClassVar[str] = "finetune"
    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_FINETUNE__", extra="forbid", populate_by_name=True, hide_input_in_errors=True
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
    gate_count: int = Field(
        400, ge=1, description="Random questions of these that are asked, unless `--count`."
    )
    gate_rules: Path | None = Field(
        None, description="The gate's rules in TOML. Default: the shipped `finetune/promotion/gate.toml`."
    )

    # Datasets: what is never learnt from.
    held_out: list[Path] | None = Field(
        None,
        description="Evaluation sets that no dataset shares a question or passage with, besides those of "
        "`--held-out` and `gate_questions`. Default: the demo's questions, and `eval.nightly_dataset`.",
    )

    # The teacher: a larger model whose questions and answers are learnt from.
    teacher_url: str | None = Field(
        None,
        description="OpenAI-compatible endpoint of the teacher, such as `http://gpu:8000/v1`; it is sent "
        "passages of documents. None: questions of the corpus are made by rules.",
    )
    teacher_model: str = Field("default", description="The teacher's model, as its endpoint calls it.")
    teacher_key: SecretStr | None = Field(None, description="API key of the teacher's endpoint.")
    teacher_concurrency: int = Field(8, ge=1, le=256, description="Requests that it is sent at a time.")
    teacher_timeout: float = Field(60.0, gt=0, description="Seconds that it has for an answer.")

    def never_learnt(self, nightly: Path | None) -> list[Path]:
        """The evaluation sets that are held out anyway, the gate's too; `nightly` is asked at night."""
        gate = [self.gate_questions] if self.gate_questions else []
        if self.held_out is not None:
            return [*self.held_out, *gate]
        asked = [path for path in (_DEMO, nightly) if path is not None and (path == nightly or path.exists())]
        return asked + gate
