"""Under everything else: what nobody foresaw."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.problems import Caught, problem
from service.telemetry import failed


class Net:
    """Turns what nobody foresaw into an answer that tells nothing; the log says where it happened.

    Starlette's own net lies outside all other middleware: its answers would go without our headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on. An answer that has begun breaks off, as it must."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        with Caught() as caught:
            await self._app(scope, receive, sending)
        if caught.error is None:
            return
        failed("request broke", caught.error)
        if begun or scope["type"] != "http":
            raise caught.error
        await problem(caught.error).response()(scope, receive, send)
