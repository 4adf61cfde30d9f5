"""The server process: what it refuses to start with, and that it stops when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from guardrails.errors import PolicyError
from ingest.lock import claim
from service import server, wiring
from service.engines import Site
from service.errors import Misconfigured, ModelUnavailable
from service.settings import ServiceSettings

ROOT = Path(__file__).parents[2]


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PLUMBLINE_")}
    environment |= {
        "PLUMBLINE_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        "PLUMBLINE_INGEST__LOCK_WAIT": "0",
    } | more
    return subprocess.run(
        [sys.executable, "-m", "service", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> ServiceSettings:
    return ServiceSettings(home=tmp_path / "home", port=0, adapters=tmp_path / "none")


def test_auth_off_on_every_address_exits_2_and_says_why(tmp_path: Path):
    done = run(tmp_path / "home", "serve", "--host", "0.0.0.0", PLUMBLINE_SERVICE__AUTH="off")  # noqa: S104  # refused
    assert done.returncode == 2
    assert "PLUMBLINE_SERVICE__AUTH=keys" in done.stderr
    assert done.stdout == ""


def test_keys_are_made_listed_and_revoked_beside_a_running_server(tmp_path: Path):
    home = tmp_path / "home"
    with claim(home):
        options = ["--tenant", "acme", "--groups", "hr,legal", "--scopes", "chat,ingest", "--json"]
        options += ["--expires", "2999-12-31"]
        made = json.loads(run(home, "keys", "create", *options).stdout)
        assert made["key"].startswith("pk-")
        listed = run(home, "keys", "list", "--json").stdout
        assert made["key"] not in listed
        (row,) = json.loads(listed)["keys"]
        assert (row["id"], row["tenant"], row["groups"]) == (made["id"], "acme", ["hr", "legal"])
        assert row["expires_at"] == "3000-01-01T00:00:00.000+00:00"
        assert "expires 3000-01-01" in run(home, "keys", "list").stdout
        assert run(home, "keys", "revoke", made["id"]).returncode == 0
        assert run(home, "keys", "revoke", made["id"]).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "variable"),
    [
        (["keys", "create", "--scopes", "root"], {}),
        (["keys", "create", "--expires", "2001-01-01"], {}),
        (["keys", "list"], {"PLUMBLINE_SERVICE__CORS_ORIGINS": '["https://chat.example.com/"]'}),
        (["serve", "--port", "99999"], {}),
        (["keys", "list"], {"PLUMBLINE_SERVICE__PORT": "many"}),
        (["nonsense"], {}),
        (["ask", " \n"], {}),
    ],
)
def test_bad_usage_exits_2_with_a_message(tmp_path: Path, arguments: list[str], variable: dict[str, str]):
    done = run(tmp_path / "home", *arguments, **variable)
    assert done.returncode == 2
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr


def test_a_folder_that_another_server_holds_is_refused_with_its_address(settings: ServiceSettings):
    with claim(settings.folder) as held:
        held.serve("http://127.0.0.1:1234")
        with pytest.raises(Misconfigured, match=r"http://127\.0\.0\.1:1234"):
            server.serve(settings, 0, lambda *_: None)


def test_answers_do_not_wait_for_the_client_to_acknowledge_their_heads(settings: ServiceSettings):
    with server.listening(settings) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


def test_a_port_that_is_taken_is_refused(settings: ServiceSettings):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.port = taken.getsockname()[1]
        with pytest.raises(Misconfigured, match=r"choose another --host or --port"):
            server.serve(settings, 0, lambda *_: None)


def test_a_policy_that_is_not_there_is_refused(settings: ServiceSettings, monkeypatch):
    monkeypatch.setenv("PLUMBLINE_GUARDRAILS__POLICY", "/not/there.yaml")
    with pytest.raises(PolicyError, match=r"/not/there\.yaml"):
        server.serve(settings, 0, lambda *_: None)
    assert claim(settings.folder).release() is None


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"auth": "oidc"}, "oidc_issuer, oidc_audience, oidc_jwks_url"),
        ({"oidc_issuer": "https://id.example.com"}, "oidc_audience, oidc_jwks_url"),
        ({"limits_url": SecretStr("memcached://secret@cache")}, "redis://"),
        ({"limits_url": SecretStr("redis://:secret@cache:port")}, "redis://"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(settings: ServiceSettings, changed, told):
    with pytest.raises(Misconfigured, match=told) as refused:
        server.serve(settings.model_copy(update=changed), 0, lambda *_: None)
    assert "secret" not in str(refused.value)
    assert claim(settings.folder).release() is None


def test_a_server_without_an_adapter_stops_and_says_so(settings: ServiceSettings):
    with pytest.raises(ModelUnavailable, match="no adapter"):
        server.serve(settings, 0, lambda *_: None)
    assert claim(settings.folder).release() is None


def test_a_signal_stops_the_server_and_gives_the_folder_back(settings: ServiceSettings, monkeypatch):
    monkeypatch.setattr(settings, "engine_url", ("http://127.0.0.1:9/v1",))
    greeted: list[tuple[str, str]] = []

    def greet(address: str, auth: str) -> None:
        greeted.append((address, auth))
        threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGTERM)).start()

    before = signal.getsignal(signal.SIGTERM)
    server.serve(settings, 0, greet)
    assert greeted[0][0].startswith("http://127.0.0.1:")
    assert signal.getsignal(signal.SIGTERM) is before
    assert claim(settings.folder).release() is None


def test_a_server_that_is_told_to_stop_while_its_engine_comes_up_ends_well(
    settings: ServiceSettings, monkeypatch
):
    def coming_up(site: Site) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        assert site.stop.wait(60)
        raise ModelUnavailable("qa-1", "the server stops")

    monkeypatch.setattr(wiring, "open_engines", coming_up)
    server.serve(settings, 0, lambda *_: None)
    assert claim(settings.folder).release() is None


def test_a_server_whose_engine_does_not_answer_says_so_and_stops_when_told(
    settings: ServiceSettings, monkeypatch
):
    monkeypatch.setattr(settings, "engine_url", ("http://127.0.0.1:9/v1",))
    monkeypatch.setattr(settings, "engine_failures", 1)
    told: list[str] = []

    def watch(address: str) -> None:
        detail, until = "", time.monotonic() + 120
        while "does not answer" not in detail and time.monotonic() < until:
            detail = httpx.get(f"{address}/readyz").json()["dependencies"]["engine"]["detail"]
        told.extend([detail, httpx.get(f"{address}/metrics").text])

    def greet(address: str, _: str) -> None:
        def run() -> None:
            try:
                watch(address)
            finally:
                os.kill(os.getpid(), signal.SIGTERM)

        threading.Thread(target=run).start()

    server.serve(settings, 0, greet)
    assert "does not answer" in told[0]
    assert 'plumbline_engine_up{endpoint="http://127.0.0.1:9/v1"} 0.0' in told[1]
