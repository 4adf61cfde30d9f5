"""Commands sent to the server that holds the data folder. The only module that imports `httpx`.

`POST {address}/internal/ingest`, `Authorization: Bearer <token>`, `{"command", "arguments"}`. The
answer is the command's result, or `{"error": {"message", "exit_code"}}` with a status of 400 or more.
"""

from typing import Any

import httpx

from ingest.errors import IngestError, Misuse, ServerUnreachable
from ingest.lock import Owner

PATH = "/internal/ingest"
MISUSE = 2


def send(
    owner: Owner, command: str, arguments: dict[str, Any], transport: httpx.BaseTransport | None = None
) -> dict[str, Any]:
    """Run a command on the server and return its result. A sync may take hours, so there is no time limit.

    Raises:
        IngestError: what the server says went wrong; `Misuse` where it says that the usage was bad.
        ServerUnreachable: it does not answer, or not as a Plumbline server does.
    """
    try:
        # Straight to the address: a proxy of the environment has no business between us.
        with httpx.Client(transport=transport, timeout=None, trust_env=False) as client:  # noqa: S113  # see above
            answer = client.post(
                f"{owner.address}{PATH}",
                json={"command": command, "arguments": arguments},
                headers={"Authorization": f"Bearer {owner.token}"},
            )
            body = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable(owner, type(error).__name__) from error
    if not isinstance(body, dict):
        raise _unreachable(owner, "no JSON object in its answer")
    if answer.is_success:
        return body
    raise _told(owner, answer.status_code, body)


def _told(owner: Owner, status: int, body: dict[str, Any]) -> IngestError:
    error = body.get("error")
    if not isinstance(error, dict) or not isinstance(error.get("message"), str):
        return _unreachable(owner, f"status {status}")
    kind = Misuse if error.get("exit_code") == MISUSE else IngestError
    return kind(error["message"])


def _unreachable(owner: Owner, reason: str) -> ServerUnreachable:
    return ServerUnreachable(
        f"the server at {owner.address} (process {owner.pid}) holds the index and does not answer ({reason})",
        "see whether it runs; if it hangs, stop it and run the command again",
    )
