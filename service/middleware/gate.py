"""The gate: open until the server stops; then only those who are inside are still served."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.drain import Drain
from service.errors import Stopping
from service.middleware.addresses import QUIET
from service.middleware.body import drain
from service.problems import problem


class Gate:
    """Turns requests away once the server stops, and cuts those short that outstay its grace.

    A route that streams leaves `last_words` in the request's state: an error → the end of its stream.
    """

    def __init__(self, app: ASGIApp, drain: Drain) -> None:
        self._app = app
        self._drain = drain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass requests on while it is open; those who look after the server may always come in."""
        if scope["type"] != "http" or scope["path"] in QUIET:
            await self._app(scope, receive, send)
        elif self._drain.begun:
            await drain(receive)
            await problem(Stopping()).response()(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun, state = False, scope.setdefault("state", {})

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            with self._drain.request() as limit:
                async with limit:
                    await self._app(scope, receive, sending)
        except TimeoutError:
            if not limit.expired():
                raise
            # Outside of the block above: the end of the server does not wait for a caller who reads slowly.
            if not begun:
                await problem(Stopping()).response()(scope, receive, send)
            elif "last_words" in state:
                await send({"type": "http.response.body", "body": state["last_words"](Stopping())})
