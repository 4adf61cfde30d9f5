"""Questions sent to the server that holds the data folder. The only module that imports `httpx`.

`POST {address}/internal/ask`, `Authorization: Bearer <token>`. The answer is a completion, or
`{"error": {"message", "exit_code"}}` with a status of 400 or more.
"""

from typing import Any

import httpx

from ingest.lock import Owner
from service.errors import BadRequest, ServerUnreachable, ServiceError

PATH = "/internal/ask"
MISUSE = 2


def ask(
    owner: Owner, question: dict[str, Any], transport: httpx.BaseTransport | None = None
) -> dict[str, Any]:
    """Ask the server; returns the completion. An answer may take minutes, so there is no time limit.

    Raises:
        BadRequest: the server says that the question was no good.
        ServiceError: what the server says went wrong.
        ServerUnreachable: it does not answer, or not as a Plumbline server does.
    """
    try:
        # Straight to the address: a proxy of the environment has no business between us.
        with httpx.Client(transport=transport, timeout=None, trust_env=False) as client:  # noqa: S113  # see above
            headers = {"Authorization": f"Bearer {owner.token}"}
            answer = client.post(f"{owner.address}{PATH}", json=question, headers=headers)
            body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable(owner, type(error).__name__) from error
    if not isinstance(body, dict):
        raise _unreachable(owner, "no JSON object in its answer")
    if answer.is_success:
        return body
    raise _told(owner, answer.status_code, body)


def _told(owner: Owner, status: int, body: dict[str, Any]) -> ServiceError:
    error = body.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return _unreachable(owner, f"status {status}")
    return (BadRequest if error.get("exit_code") == MISUSE else ServiceError)(error["message"])


def _unreachable(owner: Owner, reason: str) -> ServerUnreachable:
    return ServerUnreachable(
        f"the server at {owner.address} (process {owner.pid}) holds the index "
        f"and does not answer ({reason}): "
        "see whether it runs; if it hangs, stop it and ask again"
    )
