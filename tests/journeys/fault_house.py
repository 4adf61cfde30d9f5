"""The processes that fault tests break: a real server over a data folder, and the engines that it asks."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from service.keys import Keyring
from service.ledger import Ledger

ROOT = Path(__file__).parents[2]
ENGINE = Path(__file__).with_name("fault_engine.py")
QUESTION = "How many days of annual leave does every full-time employee get a year?"
PATIENCE = 150.0  # seconds in which anything that is waited for must happen, on a busy machine


def until(what: Callable[[], Any], process: subprocess.Popen | None = None) -> Any:
    """What `what` returns as soon as that is something; `process` has to live meanwhile."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        assert process is None or process.poll() is None, "the server has ended"
        try:
            if found := what():
                return found
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("it did not happen")


class Engine:
    """A fake engine in a process, always on the same port."""

    def __init__(self, log: Path) -> None:
        self.process: subprocess.Popen | None = None
        self._log = log
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}/v1"

    def start(self) -> None:
        """Start it, unless it runs."""
        if self.process is None:
            with self._log.open("ab") as log:
                self.process = subprocess.Popen(
                    [sys.executable, str(ENGINE), str(self._port)], stdout=log, stderr=log
                )
        until(lambda: httpx.get(self._at("seen")).is_success, self.process)

    def kill(self) -> None:
        """End it as a machine that fails does, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def feel(self, mood: str) -> None:
        """Set what it does next, and with the answers that are under way."""
        httpx.post(self._at("mood"), content=mood).raise_for_status()

    def seen(self, what: str) -> int:
        """How many questions it was `asked`, or how many were `aborted`; since it was started."""
        return httpx.get(self._at("seen")).json()[what] if self.process else 0

    def _at(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"


class Engines(list[Engine]):
    """Those that a server asks."""

    def start(self) -> None:
        """All run, and are well."""
        for engine in self:
            engine.start()
            engine.feel("well")

    def feel(self, mood: str) -> None:
        """Set the mood of all that run."""
        for engine in self:
            if engine.process:
                engine.feel(mood)

    def seen(self, what: str) -> int:
        """As an engine's, of all together."""
        return sum(engine.seen(what) for engine in self)

    def kill(self) -> None:
        """End all."""
        for engine in self:
            engine.kill()


class Talk:
    """A streamed answer, of which the first words have come."""

    def __init__(self, response: httpx.Response) -> None:
        assert response.status_code == 200, response.read()
        self._response = response
        self._events = (line[6:] for line in response.iter_lines() if line.startswith("data: "))
        self.text = ""
        while not self.text:
            self._take(json.loads(next(self._events)))

    def _take(self, chunk: dict[str, Any]) -> None:
        self.text += "".join(choice["delta"].get("content") or "" for choice in chunk.get("choices", ()))

    def rest(self) -> list[dict[str, Any]]:
        """All that follows, which `[DONE]` has to end; the connection is closed then."""
        *chunks, done = list(self._events)
        self.close()
        assert done == "[DONE]"
        parsed = [json.loads(chunk) for chunk in chunks]
        for chunk in parsed:
            self._take(chunk)
        return parsed

    def close(self) -> None:
        """Hang up."""
        self._response.close()


class House:
    """A server in a process, and short ways to use it. `home` is its data folder."""

    def __init__(
        self, home: Path, engines: Engines, log: Path, ledger: str | None = None, publish_batch: int = 256
    ) -> None:
        self.home, self.engines, self.log = home, engines, log
        self.ledger = ledger or sqlite_url(home)
        self.env = environment(home) | {
            "PLUMBLINE_SERVICE__ENGINE_URL": ",".join(engine.url for engine in engines),
            "PLUMBLINE_SERVICE__ENGINE_FIRST_TOKEN": "3",
            "PLUMBLINE_SERVICE__ENGINE_TIMEOUT": "300",
            "PLUMBLINE_SERVICE__ENGINE_FAILURES": "2",
            "PLUMBLINE_SERVICE__ENGINE_PAUSE": "0.2",
            "PLUMBLINE_SERVICE__CACHE_SECONDS": "0",
            "PLUMBLINE_SERVICE__LEDGER_URL": self.ledger,
            "PLUMBLINE_SERVICE__STOP_WAIT": "120",
            "PLUMBLINE_INGEST__LOCK_WAIT": "0",
            "PLUMBLINE_INGEST__PUBLISH_BATCH": str(publish_batch),
        }
        kept = Ledger(self.ledger)
        _, key = Keyring(kept).create("default", [], ("chat", "ingest", "admin"))
        kept.close()
        self.client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE)
        self.key = key
        self.start()

    def start(self) -> None:
        """Start the server: it answers from now on, though it may still be loading."""
        self.server = self.serve()
        self.url = until(self._address, self.server)

    def serve(self) -> subprocess.Popen:
        """Start a server over the data folder, on any port."""
        command = [sys.executable, "-m", "service", "serve", "--host", "127.0.0.1", "--port", "0"]
        with self.log.open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=self.env, stdout=log, stderr=log)

    def _address(self) -> str | None:
        owner = self.home / "store.json"
        told = json.loads(owner.read_text()) if owner.exists() else {}
        return told.get("address") if told.get("pid") == self.server.pid else None

    def ready(self, name: str | None = None) -> bool:
        """Whether the server, or one of its dependencies, is ready."""
        told = self.client.get(f"{self.url}/readyz").json()
        return told["ready"] if name is None else told["dependencies"][name]["ready"]

    def settle(self) -> None:
        """Wait until everything is ready, every engine that runs included."""

        def settled() -> bool:
            figures = self.client.get(f"{self.url}/metrics").text.splitlines()
            up = [line.endswith(" 1.0") for line in figures if line.startswith("plumbline_engine_up{")]
            return self.ready() and len(up) == len(self.engines) and all(up)

        until(settled, self.server)

    def ask(self, *, stream: bool = False) -> httpx.Response:
        """Ask, and wait for the whole answer."""
        return self.client.send(self.request(stream=stream))

    def talk(self) -> Talk:
        """Ask for a stream, and wait for its first words."""
        return Talk(self.client.send(self.request(stream=True), stream=True))

    def search(self) -> httpx.Response:
        """Search the documents."""
        return self.client.post(f"{self.url}/v1/search", json={"query": "annual leave", "k": 3})

    def upload(self, name: str, text: str) -> httpx.Response:
        """Send a document."""
        return self.client.post(f"{self.url}/v1/documents", files=[("files", (name, text.encode()))])

    def job(self, job_id: str) -> dict[str, Any] | None:
        """An upload's job, once it has ended."""
        job: dict[str, Any] = self.client.get(f"{self.url}/v1/jobs/{job_id}").json()
        return job if job["state"] in {"done", "failed", "cancelled"} else None

    def request(self, *, stream: bool = False) -> httpx.Request:
        """The question, to be sent."""
        body = {"messages": [{"role": "user", "content": QUESTION}], "stream": stream}
        return self.client.build_request("POST", f"{self.url}/v1/chat/completions", json=body)

    def answers(self) -> dict[str, str]:
        """Why each answer on record ended, by its id; asked of the database, not of the server."""
        connection: Any = (
            sqlite3.connect(f"file:{self.home / 'ledger.db'}?mode=ro", uri=True)
            if self.ledger.startswith("sqlite")
            else psycopg.connect(self.ledger)
        )
        with closing(connection) as ledger:
            return dict(ledger.execute("SELECT answer_id, finish_reason FROM answers").fetchall())

    def stop(self) -> None:
        """End the server, if it still runs."""
        self.client.close()
        if self.server.poll() is None:
            self.server.terminate()
            try:
                self.server.wait(PATIENCE)
            finally:
                self.server.kill()


def sqlite_url(home: Path) -> str:
    """Where a server keeps its ledger in a data folder."""
    return f"sqlite:///{home}/ledger.db"


def environment(home: Path) -> dict[str, str]:
    """Ours, without any settings but the data folder."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PLUMBLINE_") or k == "PLUMBLINE_CACHE"}
    return kept | {
        "PLUMBLINE_HOME": str(home),
        "PLUMBLINE_CONFIG": str(home / "plumbline.toml"),
        "HF_HUB_OFFLINE": "1",
    }


def copied(home: Path, place: Path) -> Path:
    """A copy of a data folder that nobody has open; holes in its files stay holes."""
    subprocess.run([_program("cp"), "--archive", "--sparse=always", str(home), str(place)], check=True)
    return place


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """A disk of its own, in memory, at `folder`; gives whether this user may mount one."""
    folder.mkdir()
    options = f"size={megabytes}m,mode=0700"
    command = [_program("mount"), "-t", "tmpfs", "-o", options, "none", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run([_program("umount"), "--lazy", str(folder)], check=True)


def _program(name: str) -> str:
    return shutil.which(name) or f"/bin/{name}"
