"""The server process: claims the data folder, listens, serves, lets go.

The only module that imports uvicorn.
"""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from ingest.lock import Claim, Owner, claim
from service.app import create_app
from service.auth import check_address
from service.drain import Drain
from service.errors import Misconfigured
from service.jobs import Stop
from service.settings import ServiceSettings
from service.telemetry import log
from service.wiring import opened

BACKLOG = 256
TICK = 0.05  # seconds between two looks for a second signal
# Seconds for callers to read the last of their answers, when all of them have been written.
LAST_READ = 5


def serve(settings: ServiceSettings, wait: float, greet: Callable[[str, str], None]) -> None:
    """Serve until told to stop by SIGINT or SIGTERM.

    Waits up to `wait` seconds for a command that holds the data folder. `greet` is told the address and
    the setting `auth` when the server is about to answer.

    Raises:
        Misconfigured: unsafe or impossible settings, or another server holds the data folder.
        GuardrailsError, IngestError, ServiceError: what the settings name is not there, or not sound.
    """
    check_address(settings.host, settings.auth)
    with _claimed(settings, wait) as held, listening(settings) as listener:
        address = _address(settings.host, listener)
        owner = held.serve(address)
        with opened(settings, owner.token, lambda error: server.give_up(error)) as resources:  # noqa: PLW0108  # it is made below
            config = uvicorn.Config(
                create_app(resources),
                log_config=None,
                access_log=False,
                server_header=False,
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_graceful_shutdown=LAST_READ,
            )
            server = _Server(config, resources.stop, resources.drain)
            log("listening", address=address)
            greet(address, settings.auth)
            with _last_signal_spent():
                server.run(sockets=[listener])
        if server.failure is not None:
            raise server.failure


class _Server(uvicorn.Server):
    """Goes on listening after a signal until what is under way has ended, to say that it is stopping.

    Long work is told to stop as soon as the signal comes, not when it has been waited for.
    """

    def __init__(self, config: uvicorn.Config, stop: Stop, drain: Drain) -> None:
        super().__init__(config)
        self._stop, self._drain = stop, drain
        self.failure: Exception | None = None  # why it gave up

    def give_up(self, error: Exception) -> None:
        """End: what questions need could not be loaded. After a signal it was meant to be broken off."""
        if not self._stop.is_set():
            self.failure = error
        self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn's; a second signal ends without waiting."""
        self._stop.set()
        self._drain.begin()
        self.force_exit = self.should_exit
        super().handle_exit(sig, frame)

    async def main_loop(self) -> None:
        """Serve until told to stop, then until the drain is over."""
        await super().main_loop()
        over = asyncio.ensure_future(self._drain.over())
        while not (over.done() or self.force_exit):
            await asyncio.wait({over}, timeout=TICK)
        over.cancel()


@contextmanager
def _claimed(settings: ServiceSettings, wait: float) -> Iterator[Claim]:
    holder = claim(settings.folder, wait, "python -m service serve")
    if isinstance(holder, Owner):
        raise Misconfigured(
            f"a server at {holder.address} (process {holder.pid}) holds {settings.folder}: "
            "use that one, stop it, or set another PLUMBLINE_HOME"
        )
    with holder:
        yield holder


@contextmanager
def listening(settings: ServiceSettings) -> Iterator[socket.socket]:
    """A listening socket. Connections queue in it from now on, though nobody answers them yet."""
    try:
        family = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {settings.host}, port {settings.port} ({error.strerror}): "
            "choose another --host or --port"
        ) from error
    with listener:
        # Connections inherit it. Without it the body of an answer waits for the client's acknowledgement of
        # its head, which clients put off for 40 ms; asyncio sees to it only for sockets of its own making.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _address(host: str, listener: socket.socket) -> str:
    """How this machine reaches the server."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared with, not bound to
    port = listener.getsockname()[1]
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


@contextmanager
def _last_signal_spent() -> Iterator[None]:
    """Uvicorn raises the signal again when it has stopped: it has been obeyed, so nothing must come of it."""
    before = {kind: signal.signal(kind, lambda *_: None) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)
