"""Headers that every answer has, for the browsers among the callers."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.middleware.addresses import GUARDED

# Pages of this server may use its own scripts, styles and routes, and nothing of anybody else's.
OURS = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:; object-src 'none'"
)
# FastAPI's descriptions of the routes come with scripts in the page, and the rest from there.
DESCRIPTIONS = frozenset({"/docs", "/redoc"})
THEIRS = (
    "default-src 'none'; base-uri 'none'; connect-src 'self'; font-src https://fonts.gstatic.com; "
    "frame-ancestors 'none'; img-src 'self' data: https://fastapi.tiangolo.com https://cdn.redoc.ly; "
    "script-src 'unsafe-inline' https://cdn.jsdelivr.net; "
    "style-src 'unsafe-inline' https://cdn.jsdelivr.net https://fonts.googleapis.com; worker-src blob:"
)
# A report stands alone: its styles are in the page, and it runs nothing.
REPORTS = "/v1/reports/"
ALONE = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "style-src 'unsafe-inline'"
)


class SafeHeaders:
    """Says that answers are what they claim to be, stay out of frames, and tell other sites nothing.

    Answers of `/v1/` are one caller's alone: nobody on the way may keep them.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on; answers get the headers as they begin."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_headers(scope["path"]))
            await send(message)

        await self._app(scope, receive, sending)


def _headers(path: str) -> dict[str, str]:
    every = {
        "Content-Security-Policy": _policy(path),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return every | {"Cache-Control": "no-store"} if path.startswith(GUARDED) else every


def _policy(path: str) -> str:
    if path in DESCRIPTIONS:
        return THEIRS
    return ALONE if path.startswith(REPORTS) else OURS
