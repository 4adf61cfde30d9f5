"""What went wrong, as callers see it: every error → OpenAI's error object with the right status."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, NamedTuple, Self

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from guardrails.errors import GuardrailsError
from ingest import errors as ingestion
from service.errors import BadRequest, ServiceError
from service.middleware.addresses import ANSWERS

TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}
SERVER_FAULT = 500

# The first class that fits wins.
INGESTION: tuple[tuple[type[ingestion.IngestError], int, str], ...] = (
    (ingestion.NotIndexed, 404, "not_found"),
    (ingestion.BadCursor, 422, "invalid_cursor"),
    (ingestion.FileTooLarge, 413, "too_large"),
    (ingestion.UnsupportedFile, 415, "unsupported_media_type"),
    (ingestion.StoreFault, 503, "store_unavailable"),
    (ingestion.CatalogFault, 503, "catalog_unavailable"),
    (ingestion.EmbedderMismatch, 503, "embedder_mismatch"),
    (ingestion.EmbedderUnavailable, 503, "embedder_unavailable"),
    (ingestion.Misuse, 422, "invalid_request"),
)
ROUTING = {
    404: ("not_found", "there is no such address; /openapi.json lists all"),
    405: ("method_not_allowed", "this address takes other methods; /openapi.json lists them"),
}


class Problem(NamedTuple):
    """A status, the fields of OpenAI's error object, and headers."""

    status: int
    code: str
    message: str
    param: str | None = None
    headers: Mapping[str, str] = MappingProxyType({})

    def body(self) -> dict[str, Any]:
        """OpenAI's error object."""
        kind = "server_error" if self.status >= SERVER_FAULT else "invalid_request_error"
        error = {"message": self.message, "type": TYPES.get(self.status, kind)}
        return {"error": error | {"param": self.param, "code": self.code}}

    def response(self) -> JSONResponse:
        """The whole answer to a request that failed."""
        return JSONResponse(self.body(), self.status, self.headers)


UNEXPECTED = Problem(
    500, "internal_error", "something is wrong in the server; its log says what, by request id"
)


def problem(error: Exception, path: str = "") -> Problem:
    """What a caller of `path` is told about `error`; of an error that nobody foresaw, nothing."""
    if isinstance(error, ServiceError):
        param = error.parameter if isinstance(error, BadRequest) else None
        return Problem(error.status, error.code, str(error), param, error.headers)
    if isinstance(error, ingestion.IngestError):
        fits = ((status, code) for kind, status, code in INGESTION if isinstance(error, kind))
        status, code = next(fits, (SERVER_FAULT, "ingestion_failed"))
        return Problem(status, code, str(error))
    if isinstance(error, GuardrailsError):
        return Problem(503, "guardrails_unavailable", str(error))
    if isinstance(error, RequestValidationError):
        return _invalid(error, path)
    if isinstance(error, HTTPException):
        code, message = ROUTING.get(error.status_code, ("invalid_request", str(error.detail)))
        # A 405 says in a header which methods there are.
        return Problem(error.status_code, code, message, headers=error.headers or {})
    return UNEXPECTED


def _invalid(error: RequestValidationError, path: str) -> Problem:
    """The first fault. What was sent is not repeated: it may be long, or nobody's business."""
    place, fault = _first(error)
    if fault["type"] == "json_invalid":
        reason = fault.get("ctx", {}).get("error", "")
        return Problem(
            400, "invalid_json", f"the request is not valid JSON ({reason}) at character {place[0]}"
        )
    place += [fault["ctx"]["parameter"]] if fault["type"] == "unsupported_parameter" else []
    param = ".".join(place) or None
    status = 400 if path in ANSWERS else 422
    if fault["type"] == "extra_forbidden":
        return Problem(
            status, "unknown_parameter", f"unknown parameter {param}: remove it, or correct it", param
        )
    if fault["type"] == "unsupported_parameter":
        return Problem(status, "unsupported_parameter", str(fault["msg"]), param)
    reason = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "union_tag_invalid":  # its own message repeats what was sent
        reason = f"its type is none of {fault['ctx']['expected_tags']}"
    told = f"{param}: {reason}" if param else f"a JSON object is needed ({reason})"
    return Problem(status, "invalid_parameter", told, param)


def _first(error: RequestValidationError) -> tuple[list[str], dict[str, Any]]:
    """The first fault and its place; of what may have several types, the fault that lies deepest in it."""
    faults: list[tuple[list[str], dict[str, Any]]] = []
    for fault in error.errors():
        source, *path = fault["loc"]
        place = [str(part) for part in path]
        if source == "body" and fault["type"] != "json_invalid":
            place = _place(error.body, path, absent=fault["type"] == "missing")
        faults.append((place, fault))
    first = faults[0][0]
    within = (each for each in faults if each[0][: len(first)] == first)
    return max(within, key=lambda each: len(each[0]))


def _place(body: Any, path: Sequence[int | str], *, absent: bool) -> list[str]:  # noqa: ANN401  # any JSON
    """Where in the body a fault lies: its path without the types that were tried there.

    Of an `absent` field the last part of the path is the name.
    """
    place: list[str] = []
    for step, part in enumerate(path, start=1):
        held = range(len(body)) if isinstance(body, list) else body if isinstance(body, dict) else ()
        if part in held:
            body = body[part]
        elif not (absent and step == len(path)):
            continue
        place.append(str(part))
    return place


class Caught:
    """Holds whatever a block raises instead of letting it travel on: for a stream that has begun.

    This is the one place that catches everything, on purpose: the status line is out, so no handler can
    answer any more, and the caller is still owed an error. Cancellation passes through.
    """

    error: Exception | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error if isinstance(error, Exception) else None
        return self.error is not None
