"""Who may come in: decided by the headers, before a byte of the body is read."""

import hmac

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.auth import Authenticator, is_loopback
from service.errors import NotFound, ServiceError, Unauthorised
from service.middleware.addresses import ANSWERS, GUARDED, INTERNAL
from service.middleware.body import drain
from service.problems import problem
from service.quotas import Quotas
from service.spans import step

Told = dict[str, str]

ADMISSIONS = 40


class Door:
    """Lets callers into `/v1/` with a principal (`request.state.principal`) and within their limits.

    `/internal/` is for the command line of this machine: it opens to the lock file's `token`.
    """

    def __init__(self, app: ASGIApp, authenticator: Authenticator, quotas: Quotas, token: str | None) -> None:
        self._app = app
        self._authenticator = authenticator
        self._quotas = quotas
        self._token = (token or "").encode()
        # Threads of its own: whoever waits here for another machine takes none from those who are inside.
        self._threads = CapacityLimiter(ADMISSIONS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on who may come in; answers to them say what is left of their limits."""
        told: Told = {}
        try:
            if scope["type"] == "http" and scope["path"].startswith(GUARDED):
                with step("admit"):
                    told = await to_thread.run_sync(self._admit, scope, limiter=self._threads)
            elif scope["type"] == "http" and scope["path"].startswith(INTERNAL):
                self._check_token(scope)
        except ServiceError as error:
            await drain(receive)
            await problem(error).response()(scope, receive, send)
            return
        await self._app(scope, receive, _telling(told, send) if told else send)

    def _admit(self, scope: Scope) -> Told:
        """Blocking: keys and limits may lie on other machines."""
        try:
            principal = self._authenticator.principal(Headers(scope=scope))
        except Unauthorised:
            # Not before: nobody locks out those who share their address and have a key that holds.
            address = scope["client"][0] if scope.get("client") else ""
            self._quotas.knock(address)
            self._quotas.failed(address)
            raise
        scope.setdefault("state", {})["principal"] = principal
        told = self._quotas.request(principal)
        if scope["path"] in ANSWERS:
            told |= self._quotas.question(principal)
        return told

    def _check_token(self, scope: Scope) -> None:
        """Raises `NotFound` to whoever has no business here."""
        given = Headers(scope=scope).get("authorization", "").removeprefix("Bearer ")
        here = scope.get("server") or ("",)
        caller = scope["client"][0] if scope.get("client") else ""
        local = is_loopback(caller) or caller == here[0]
        if not (self._token and local and hmac.compare_digest(given.encode(), self._token)):
            raise NotFound("there is no such address; /openapi.json lists all")


def _telling(told: Told, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(told)
        await send(message)

    return sending
