"""Somebody who goes on asking: whatever is promoted meanwhile, no request may fail."""

import threading
from typing import Self

from client import Client

PAUSE_S = 0.5


class Asker:
    """Asks one question again and again in a thread, until the block ends."""

    def __init__(self, client: Client, question: str) -> None:
        self._client, self._question = client, question
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.models: list[str] = []
        self.failures: list[str] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(PAUSE_S):
            reply = self._client.ask(self._question)
            if reply.error or not reply.text:
                self.failures.append(reply.error or "it said nothing")
            self.models.append(reply.model)
