"""The queue of questions: so many are answered at once, so many wait."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from service.capacity import Capacity
from service.errors import CallerGone, Overloaded
from service.middleware.addresses import QUEUED
from service.middleware.body import replayed
from service.problems import problem


class Queue:
    """Gives every question a place, which is kept until its answer has been sent, streams included."""

    def __init__(self, app: ASGIApp, capacity: Capacity) -> None:
        self._app = app
        self._capacity = capacity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a question on when there is a place, anything else at once."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in QUEUED:
            await self._app(scope, receive, send)
            return
        # Whole by now, see `Limit`: nobody keeps a place by sending slowly.
        request = Request(scope, receive)
        body = await request.body()
        try:
            async with self._capacity.place() as waited:
                if waited and await request.is_disconnected():
                    await problem(CallerGone()).response()(scope, receive, send)
                    return
                await self._app(scope, replayed(body, receive), send)
        except Overloaded as error:
            await problem(error).response()(scope, receive, send)
