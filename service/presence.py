"""Work for a caller who may hang up: nobody wants it any more then, and it is stopped."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request

from service.errors import CallerGone

T = TypeVar("T")


async def attended(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """What `work` returns. It is cancelled when the caller of `request`, whose body has been read, hangs up.

    Raises:
        CallerGone: that has happened.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise CallerGone
        return working.result()
    finally:
        working.cancel()
        leaving.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
