"""Asks the endpoints whether they are there, so that no question has to find out."""

import threading
from collections.abc import Sequence

from service.pool import Member
from service.problems import Caught
from service.telemetry import failed

INTERVAL = 2.0  # seconds


class Prober:
    """A thread that probes each endpoint in turn: those that are up, and those whose pause is over."""

    def __init__(self, members: Sequence[Member], interval: float = INTERVAL) -> None:
        self._members, self._interval = members, interval
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="prober", daemon=True)

    def start(self) -> None:
        """Begin, with a first round at once."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the probe that is under way."""
        self._stop.set()
        self._thread.join()

    def round(self) -> None:
        """Probe once."""
        for member in self._members:
            if self._stop.is_set():
                return
            member.probe()

    def _work(self) -> None:
        while True:
            with Caught() as caught:
                self.round()
            if caught.error is not None:
                failed("probe broke", caught.error)
            if self._stop.wait(self._interval):
                return
