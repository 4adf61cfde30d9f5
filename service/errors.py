"""Everything that can go wrong in the service, with the status, code and remedy that callers see.

ServiceError
├── ModelUnavailable      503 the base model or an adapter cannot be loaded
├── EngineFailed          503 the engine broke down, or does not answer
│   ├── EngineDown        503 no endpoint of the engine takes requests for now
│   ├── EngineStarting    503 the adapter's engine is coming up
│   └── EngineBusy        503 no further engine may run for the adapter
├── EngineSlow            503 the answer was not finished in time
├── EngineRefused         503 the engine answers, but won't take the request
│   └── EngineLacksModel  503 the engine has no model or adapter of that name
├── UnknownModel          404 no adapter of that name
├── ContextTooLong        400 the question does not fit into the model's context
├── BadRequest            400 a parameter is missing, unknown or out of range (422 outside chat)
├── Unauthorised          401 no key, or one that does not hold
├── IdentityUnavailable   503 the identity provider's keys cannot be fetched
├── Forbidden             403 the key lacks the scope
├── NotFound              404 absent, or not for this principal
├── Ended                 409 the job has ended, and cannot be cancelled
├── TooLarge              413 the request or a file is over its limit
├── NoRoom                507 the server's disk has no room for what was sent
├── UnsupportedMedia      415 nothing in the request can be read
├── CallerGone            499 the caller hung up: a status for the log, which nobody receives
├── RateLimited           429 more requests, tokens or failed attempts than the limits allow
├── Stopping              503 the server has been told to stop
├── Overloaded            503 as many questions as may are being answered, and as many waiting
├── NotReady              503 the server has started and is still loading
├── LedgerFault           503 the ledger's database failed
├── ServerUnreachable     exit 2: the server that holds the data folder does not answer as it should
└── Misconfigured         exit 2: a setting is missing, wrong or unsafe
"""

from collections.abc import Mapping
from types import MappingProxyType


class ServiceError(Exception):
    """Base of the service's errors. `str(error)` is for the caller: what is wrong and what to do.

    `headers` go with the answer.
    """

    status = 500
    code = "internal_error"
    headers: Mapping[str, str] = MappingProxyType({})


class ModelUnavailable(ServiceError):
    """A base model or an adapter cannot be loaded."""

    status, code = 503, "model_unavailable"

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"cannot load the model {name!r}: {why}")


class EngineFailed(ServiceError):
    """The engine broke down, or does not answer."""

    status, code = 503, "engine_unavailable"


class EngineDown(EngineFailed):
    """No endpoint of the engine takes requests for now: each has failed, and is left alone for a while."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"the engine does not answer: see that it runs, or ask again in {seconds} s")
        self.headers = {"Retry-After": str(seconds)}


class EngineStarting(EngineFailed):
    """The adapter's engine is coming up, and takes longer than a request may wait."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the engine of the model {name!r} is starting: ask again in 15 s")
        self.headers = {"Retry-After": "15"}


class EngineBusy(EngineFailed):
    """As many engines run as may, and those that could give way have work."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"no further engine may run for the model {name!r}: ask again in 15 s, ask the promoted one "
            "(model `default`), or raise service.vllm_spares"
        )
        self.headers = {"Retry-After": "15"}


class EngineSlow(ServiceError):
    """The engine was answering, but the answer was not finished in time."""

    status, code = 503, "engine_timeout"

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the answer was not finished after {seconds:g} s: ask for a shorter one (max_tokens), "
            "or raise service.engine_timeout"
        )


class EngineRefused(ServiceError):
    """The engine answers, but won't take the request: it lacks the model, or forbids a parameter."""

    status, code = 503, "engine_refused"


class EngineLacksModel(EngineRefused):
    """The engine has no model or adapter of that name."""


class UnknownModel(ServiceError):
    """No adapter of that name."""

    status, code = 404, "model_not_found"


class ContextTooLong(ServiceError):
    """The question does not fit into the model's context."""

    status, code = 400, "context_length_exceeded"


class BadRequest(ServiceError):
    """A parameter is missing, unknown or out of range."""

    status, code = 400, "invalid_request"

    def __init__(self, message: str, parameter: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.status = status


class Unauthorised(ServiceError):
    """No key, or one that does not hold."""

    status, code = 401, "invalid_api_key"
    headers = MappingProxyType({"WWW-Authenticate": "Bearer"})


class IdentityUnavailable(ServiceError):
    """The identity provider's keys cannot be fetched, so nobody can tell whether a token holds."""

    status, code = 503, "identity_provider_unavailable"

    def __init__(self, reason: str) -> None:
        super().__init__(f"the identity provider's keys cannot be fetched ({reason}): try again")
        self.reason = reason


class Forbidden(ServiceError):
    """The key lacks the scope."""

    status, code = 403, "insufficient_scope"


class NotFound(ServiceError):
    """Absent, or not for this principal: the two look the same."""

    status, code = 404, "not_found"


class TooLarge(ServiceError):
    """The request or a file is over its limit."""

    status, code = 413, "too_large"


class NoRoom(ServiceError):
    """The server's disk has no room for what was sent."""

    status, code = 507, "insufficient_storage"

    def __init__(self) -> None:
        super().__init__(
            "the server has no room left on its disk for this: nothing of it was kept; "
            "make room there, and send it again"
        )


class Ended(ServiceError):
    """The job has ended: there is nothing left to cancel."""

    status, code = 409, "job_ended"


class RateLimited(ServiceError):
    """More requests, tokens or failed attempts than the limits allow."""

    status, code = 429, "rate_limit_exceeded"

    def __init__(self, message: str, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.headers = headers


class Overloaded(ServiceError):
    """As many questions as may are being answered, and as many as may are waiting."""

    status, code = 503, "overloaded"
    headers = MappingProxyType({"Retry-After": "2"})

    def __init__(self) -> None:
        super().__init__("too many questions are waiting for their answers: ask again in 2 seconds")


class Stopping(ServiceError):
    """The server has been told to stop: nothing new is taken in, and what took too long is cut short."""

    status, code = 503, "stopping"
    # A connection that is kept would lead back here.
    headers = MappingProxyType({"Retry-After": "5", "Connection": "close"})

    def __init__(self) -> None:
        super().__init__("the server is stopping: ask again in 5 seconds, when it or another is there")


class UnsupportedMedia(ServiceError):
    """Nothing in the request can be read."""

    status, code = 415, "unsupported_media_type"


class Misconfigured(ServiceError):
    """A setting is missing, wrong or unsafe; the server does not start."""

    code = "misconfigured"


class CallerGone(ServiceError):
    """The caller hung up while waiting. Nobody receives this; the log and the figures show it."""

    status, code = 499, "client_closed_request"

    def __init__(self) -> None:
        super().__init__("the caller hung up")


class NotReady(ServiceError):
    """The server has started and is still loading what the request needs."""

    status, code = 503, "not_ready"


class LedgerFault(ServiceError):
    """The ledger's database failed."""

    status, code = 503, "ledger_unavailable"
    headers = MappingProxyType({"Retry-After": "5"})


class ServerUnreachable(ServiceError):
    """The server that holds the data folder does not answer as it should."""

    code = "server_unreachable"
