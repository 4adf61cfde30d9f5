"""Commands sent to the server that holds the data folder. Beside `ingest.remote_embedder` it imports `httpx`.

`POST {address}/internal/ingest`, `Authorization: Bearer <token>`, `{"command", "arguments"}`. The answer is
the command's result, or `{"error": {"message", "exit_code"}}` with a status of 400 or more. Whoever accepts
`application/x-ndjson` gets lines: `{"done", "of"}` from time to time, then `{"result"}` or `{"error"}`.
"""

import json
from typing import Any

import httpx

from ingest.errors import IngestError, Misuse, ServerUnreachable
from ingest.lock import Owner
from ingest.sync import Watch

PATH = "/internal/ingest"
LINES = "application/x-ndjson"
MISUSE = 2


def send(
    owner: Owner,
    command: str,
    arguments: dict[str, Any],
    watch: Watch = lambda _done, _of: None,
    transport: httpx.BaseTransport | None = None,
) -> dict[str, Any]:
    """Run a command on the server and return its result. A sync may take hours, so there is no time limit.

    Raises:
        IngestError: what the server says went wrong; `Misuse` where it says that the usage was bad.
        ServerUnreachable: it does not answer, or not as a Plumbline server does.
    """
    try:
        # Straight to the address: a proxy of the environment has no business between us.
        with (
            httpx.Client(transport=transport, timeout=None, trust_env=False) as client,  # noqa: S113  # see above
            client.stream(
                "POST",
                f"{owner.address}{PATH}",
                json={"command": command, "arguments": arguments},
                headers={"Authorization": f"Bearer {owner.token}", "Accept": f"{LINES}, application/json"},
            ) as answer,
        ):
            body = _followed(answer, watch)
    except (httpx.HTTPError, ValueError) as error:
        raise _unreachable(owner, type(error).__name__) from error
    if not isinstance(body, dict):
        raise _unreachable(owner, "no JSON object in its answer")
    if answer.is_success and "error" not in body:
        return body
    raise _told(owner, answer.status_code, body)


def _followed(answer: httpx.Response, watch: Watch) -> Any:  # noqa: ANN401  # whatever JSON it is
    """What it says in the end; `watch` is told what it says before."""
    if not answer.headers.get("content-type", "").startswith(LINES):
        return json.loads(answer.read())
    said: dict[str, Any] = {}
    for line in answer.iter_lines():
        said = json.loads(line)
        if "done" in said:
            watch(said["done"], said["of"])
    return said if "error" in said else said.get("result")


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
