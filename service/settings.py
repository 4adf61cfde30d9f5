"""Configuration of the service: where it listens, who may call, what answers."""

from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from guardrails.settings import TableSettings
from ingest.settings import DatabaseUrl, sqlite_url

# Signatures by a private key alone: what is verified by a shared secret can be forged by whoever verifies.
Algorithm = Literal[
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"
]  # fmt: skip
SHIPPED_ADAPTERS = Path(__file__).parent.parent / "finetune" / "adapters"


def _listed(value: object) -> object:
    """One URL, or several with commas between them, as a list; nothing at all as None."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()] or None


def _endpoints(urls: tuple[str, ...] | None) -> tuple[str, ...] | None:
    for url in urls or ():
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
            # Not quoted: a URL may hold a password.
            raise ValueError("an endpoint is a URL such as http://127.0.0.1:8100/v1")
    if urls is not None and len(set(urls)) < len(urls):
        raise ValueError("an endpoint is named twice")
    return urls


def _collector(url: str | None) -> str | None:
    parts = urlsplit(url or "http://none")
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc or parts.query:
        # Not quoted: a URL may hold a password.
        raise ValueError(
            "a collector is a URL such as http://127.0.0.1:4318, without a user or a query; "
            "OTEL_EXPORTER_OTLP_HEADERS holds its key"
        )
    return url or None


class ServiceSettings(TableSettings):
    """Settings of the service: `[service]` in `plumbline.toml`, or `PLUMBLINE_SERVICE__<NAME>`."""

    table: ClassVar[str] = "service"
    model_config = SettingsConfigDict(
        env_prefix="PLUMBLINE_SERVICE__",
        extra="forbid",
        populate_by_name=True,
        hide_input_in_errors=True,  # some hold passwords
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=0, le=65_535, description="Port to listen on.")
    trusted_proxies: list[str] = Field(
        ["127.0.0.1", "::1"],
        description="Addresses or networks of proxies that are believed when they say who is calling.",
    )
    cors_origins: list[str] = Field(
        [], description="Origins whose pages may call, such as https://chat.example.com; `*`: all."
    )
    auth: Literal["keys", "oidc", "off"] = Field(
        "keys",
        description=(
            "`keys`: API keys, and tokens too once oidc_issuer is set; `oidc`: tokens alone; `off` lets "
            "anyone in as administrator, and the server then starts on loopback only."
        ),
    )
    oidc_issuer: str | None = Field(
        None, description="Identity provider whose tokens hold, as their claim `iss` writes it."
    )
    oidc_audience: str | None = Field(None, description="Whom tokens must be for: their claim `aud`.")
    oidc_jwks_url: str | None = Field(
        None, description="Where the provider publishes its keys; https, or http on loopback."
    )
    oidc_algorithms: list[Algorithm] = Field(
        ["RS256", "ES256"], min_length=1, description="Algorithms that tokens may be signed with."
    )
    oidc_leeway: int = Field(30, ge=0, le=300, description="Seconds that the provider's clock may be off.")
    oidc_refetch: float = Field(
        30.0, ge=1, description="Seconds between two fetches of the provider's keys, at least."
    )
    oidc_tenant: str | None = Field(None, description="Tenant of everybody with a token.")
    oidc_tenant_claim: str | None = Field(
        None, description="Claim that names the tenant, in place of oidc_tenant. Dots lead into objects."
    )
    oidc_groups_claim: str | None = Field(
        "groups", description="Claim that lists the groups; without it a token is in none."
    )
    oidc_scopes_claim: str | None = Field(
        None, description="Claim that lists the scopes. Unset: tokens may chat, and no more."
    )
    failures_per_minute: int = Field(
        600, ge=1, description="Requests without a key that holds, by client address; then 429."
    )
    requests_per_minute: int = Field(12_000, ge=1, description="Requests of one key or token's subject.")
    tenant_requests_per_minute: int = Field(60_000, ge=1, description="Requests of one tenant.")
    tokens_per_day: int = Field(
        50_000_000, ge=1, description="Tokens that one subject's answers may use, prompts included."
    )
    tenant_tokens_per_day: int = Field(
        500_000_000, ge=1, description="Tokens that one tenant's answers may use, prompts included."
    )
    limits_url: SecretStr | None = Field(
        None,
        description="Redis where servers share their limits, such as redis://host:6379/0. Unset: in memory.",
    )
    most_answers: int | None = Field(
        None,
        ge=1,
        description="Questions answered at once. Unset: 32 with the embedded engine, else 512.",
    )
    most_waiting: int = Field(512, ge=0, description="Questions that wait for their turn; then 503.")
    model: str = Field(
        "SmolLM2-135M-Instruct",
        description="Base model of the embedded engine: the packaged one, a folder, or a local model name.",
    )
    adapters: Path = Field(
        SHIPPED_ADAPTERS, description="Folder of adapters; each is a folder named `<task>-<hash>`."
    )
    default_adapter: str | None = Field(
        None, description="Adapter that `default` means. Unset: the folder's `promoted` pointer."
    )
    split_candidate: str | None = Field(
        None, description="Adapter that is compared with the promoted one, on a share of the conversations."
    )
    split_share: float = Field(0.5, ge=0, le=1, description="That share.")
    engine_url: Annotated[
        tuple[str, ...] | None, NoDecode, BeforeValidator(_listed), AfterValidator(_endpoints)
    ] = Field(
        None,
        description="OpenAI-compatible endpoint (vLLM), such as http://127.0.0.1:8100/v1, or several that "
        "serve the same model: a list, in the environment with commas. Unset: embedded.",
    )
    engine_key: SecretStr | None = Field(None, description="API key of the endpoints.")
    engine_model: str = Field("default", description="Model that the endpoints are asked for.")
    engine_kind: Literal["vllm", "openai"] = Field(
        "vllm",
        description="`vllm`: tenants are kept apart in its prefix cache (cache_salt); `openai`: requests "
        "hold OpenAI's own fields alone.",
    )
    engine_salt: SecretStr | None = Field(
        None,
        description="Secret that tenants' salts are made with; the same for servers that share an engine. "
        "Unset: one is made and kept in the data folder.",
    )
    withhold_every_tenant: bool = Field(
        False,
        description="Stop answers that say what other tenants' documents hold, for models trained on them. A "
        "tenant that guesses then learns from a stop that the guess was right.",
    )
    canary: bool = Field(
        True,
        description="Put a random token into the prompts of endpoints that serve a model of their own; an "
        "answer that holds it is stopped. Prompts of adapters are left as they were trained.",
    )
    engine_adapters: Path | None = Field(
        None,
        description="The folder of adapters as the endpoints' machines see it; vLLM there, started with "
        "--enable-lora, is then given each that is asked for. Unset: engine_model alone answers.",
    )
    engine_tokenizer: str | None = Field(
        None,
        description="Model whose tokenizer counts prompts for the endpoints: a folder or a local model name. "
        "Unset: that of `model` where adapters are served, else an estimate.",
    )
    vllm: Path | None = Field(
        None,
        description="Python with vLLM in it (`make vllm` makes .venv-vllm/bin/python). This server then runs "
        "vLLM itself, a process for each adapter, merged into its weights: for machines without a GPU.",
    )
    vllm_memory: int = Field(2, ge=1, description="GiB that each such process takes for keys and values.")
    vllm_spares: int = Field(
        1, ge=0, description="Such processes for adapters asked for by name, beside the promoted one's."
    )
    vllm_start: float = Field(300.0, gt=0, description="Seconds in which such a process must be up.")
    engine_first_token: float = Field(
        20.0,
        gt=0,
        description="Seconds that an endpoint may be silent before the first token, or between two.",
    )
    engine_timeout: float = Field(
        60.0, gt=0, description="Seconds for a whole answer, all attempts at endpoints together."
    )
    engine_failures: int = Field(
        3, ge=1, description="Failures in a row after which an endpoint is asked nothing for a while."
    )
    engine_pause: float = Field(
        2.0,
        gt=0,
        description="Seconds of that while; doubled, up to 15, each time it has not helped.",
    )
    threads: int = Field(
        0, ge=0, description="Processor threads of the embedded engine; 0: as many as cores."
    )
    retrieve: int = Field(8, ge=1, le=100, description="Chunks retrieved for a question.")
    reranker: str = Field(
        "",
        description="Model that reads the first 20 chunks beside the question and puts them in order: a "
        "folder of `python -m finetune reranker`, or any cross-encoder's Hugging Face name. Empty: none.",
    )
    passages: int = Field(4, ge=1, le=20, description="Passages that the model is shown at most.")
    context_tokens: int = Field(
        1_400, ge=256, description="Tokens that the prompt may take, question and passages together."
    )
    max_tokens: int = Field(128, ge=1, description="Tokens of an answer where the caller names no limit.")
    most_tokens: int = Field(1_024, ge=1, description="Tokens of an answer, whatever the caller asks for.")
    cache_seconds: int = Field(
        600,
        ge=0,
        description="Seconds that an answer may be given again to whoever asks the same and may read the "
        "same documents; it ends earlier when the tenant's documents change. 0: no answer is kept.",
    )
    cache_entries: int = Field(10_000, ge=1, description="Answers that are kept so at most.")
    cache_bytes: int = Field(64 * 2**20, ge=1, description="Memory that they may take, about, in bytes.")
    conversation_days: int = Field(
        30, ge=0, description="Days that the turns of a conversation are kept; 0: none is ever kept."
    )
    conversation_turns: int = Field(
        50, ge=1, description="Turns of a conversation that are kept at most, the newest."
    )
    feedback_wait: int = Field(
        0,
        ge=0,
        description="Hours that a question and its answer are kept for a rating; rated, they are kept on for "
        "training. 0: neither is ever kept, and ratings cannot be exported.",
    )
    feedback_days: int = Field(
        365,
        ge=1,
        description="Days that the words of ratings are kept: corrections, comments, and what was rated.",
    )
    audit_days: int = Field(
        365,
        ge=0,
        description="Days that the rails' decisions are kept; 0: until an export prunes them.",
    )
    max_request_bytes: int = Field(2**21, ge=1_024, description="Largest JSON request, in bytes.")
    max_upload_bytes: int = Field(64 * 2**20, ge=1, description="Largest uploaded file, in bytes.")
    max_upload_files: int = Field(1_000, ge=1, description="Files that one upload may hold.")
    max_spool_bytes: int = Field(
        4 * 2**30,
        ge=1,
        description="Bytes of one tenant's uploads that may wait to be indexed; then 429.",
    )
    ledger_url: DatabaseUrl | None = Field(
        None,
        description="URL of the ledger's database, such as postgresql://user:password@host/name. "
        "Default: SQLite, `ledger.db` in the data folder.",
    )
    traces_url: Annotated[str | None, AfterValidator(_collector)] = Field(
        None,
        description="OpenTelemetry collector that takes OTLP over HTTP, such as http://127.0.0.1:4318. "
        "Unset: traces are sent nowhere.",
    )
    traces_share: float = Field(
        1.0, ge=0, le=1, description="Share of the traces that begin here which are sent."
    )
    stop_wait: int = Field(
        30,
        ge=1,
        description="Seconds that answers under way have to end when the server stops; those that have not "
        "then end in an error.",
    )

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            parts = urlsplit(origin)
            if origin != "*" and not (parts.netloc and origin == f"{parts.scheme}://{parts.netloc}"):
                raise ValueError(f"{origin!r} is no origin: write https://host or https://host:port, no more")
        return origins

    @model_validator(mode="after")
    def _one_engine(self) -> Self:
        if self.vllm and self.engine_url:
            raise ValueError("vllm and engine_url are both set: leave out one of them")
        if self.engine_adapters and self.engine_kind != "vllm":
            raise ValueError("engine_adapters: adapters can be loaded into vLLM alone; set engine_kind to it")
        return self

    @property
    def answers_at_once(self) -> int:
        """Questions answered at once: an endpoint brings its own memory, the embedded engine has ours."""
        return self.most_answers or (512 if self.engine_url or self.vllm else 32)

    @property
    def folder(self) -> Path:
        """The data folder, absolute."""
        return self.home.expanduser().absolute()

    @property
    def ledger(self) -> str:
        """The URL of the ledger's database."""
        given = self.ledger_url
        return given.get_secret_value() if given else sqlite_url(self.folder / "ledger.db")
