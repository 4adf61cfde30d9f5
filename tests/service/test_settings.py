"""Settings that say more than one thing."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from service.settings import ServiceSettings

A, B = "http://127.0.0.1:8100/v1", "https://engine.local/v1"


@pytest.mark.parametrize(
    ("text", "urls"), [(A, (A,)), (f"{A},{B}", (A, B)), (f" {A} , {B},", (A, B)), ("", None), (" , ", None)]
)
def test_endpoints_in_the_environment_have_commas_between_them(monkeypatch, text, urls):
    monkeypatch.setenv("PLUMBLINE_SERVICE__ENGINE_URL", text)
    assert ServiceSettings().engine_url == urls


@pytest.mark.parametrize(("text", "urls"), [(f'"{A}"', (A,)), (f'["{A}", "{B}"]', (A, B))])
def test_endpoints_in_the_file_are_one_or_a_list(monkeypatch, tmp_path: Path, text, urls):
    file = tmp_path / "plumbline.toml"
    file.write_text(f"[service]\nengine_url = {text}\n")
    monkeypatch.setenv("PLUMBLINE_CONFIG", str(file))
    assert ServiceSettings().engine_url == urls


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8100", "engine", "ftp://x/v1", "http://", "http://x:99999", f"{A},{A}", f"{A},x"]
)
def test_what_is_no_endpoint_is_refused(url):
    with pytest.raises(ValidationError, match=r"endpoint is|Port out of range"):
        ServiceSettings(engine_url=url)


def test_without_an_endpoint_the_engine_is_embedded():
    assert ServiceSettings().engine_url is None


@pytest.mark.parametrize("url", ["http://127.0.0.1:4318", "https://collector.local/otlp", "", None])
def test_a_collector_is_a_url_or_none(url):
    assert ServiceSettings(traces_url=url).traces_url == (url or None)


@pytest.mark.parametrize(
    "url", ["collector", "grpc://x:4317", "http://", "http://me:secret@x", "http://x?key=secret"]
)
def test_what_is_no_collector_is_refused_without_its_password(url):
    with pytest.raises(ValidationError, match="a collector is a URL") as refused:
        ServiceSettings(traces_url=url)
    assert "secret" not in str(refused.value)
