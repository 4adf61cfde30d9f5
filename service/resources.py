"""What the routes work with: made once in `service.wiring`, handed to the app."""

from dataclasses import dataclass

from ingest.order import Tools
from service.audit import Audit
from service.auth import Authenticator
from service.conversations import Conversations
from service.drain import Drain
from service.jobs import Jobs, Stop
from service.ledger import Ledger
from service.quotas import Quotas
from service.readiness import Look
from service.settings import ServiceSettings
from service.spans import Tracer
from service.startup import Startup
from service.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Resources:
    """One server's parts. `recording` looks whether the ledger takes records.

    `token` is the lock file's: whoever has it may send commands to this server.
    """

    settings: ServiceSettings
    tools: Tools
    ledger: Ledger
    audit: Audit
    recording: Look
    conversations: Conversations
    authenticator: Authenticator
    quotas: Quotas
    startup: Startup
    jobs: Jobs
    metrics: Metrics
    tracer: Tracer
    stop: Stop
    drain: Drain
    token: str | None = None
