"""Logs are JSON lines, and quote nobody."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service.telemetry import bind, configure_logging, failed, log


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def error() -> Exception:
    with pytest.raises(ValueError, match="document") as caught:
        int("the document")
    return caught.value


def test_what_happens_is_a_line_of_json_with_the_request_id(capsys):
    configure_logging()
    bind(request_id="r-1")
    log("request", status=200)
    line = json.loads(capsys.readouterr().err)
    assert {"event": "request", "status": 200, "request_id": "r-1", "level": "info"}.items() <= line.items()


def test_an_error_is_logged_by_its_class_and_place_alone(capsys):
    configure_logging()
    failed("broke", error())
    written = capsys.readouterr().err
    line = json.loads(written)
    assert line["error"] == "ValueError"
    assert line["at"].startswith("test_telemetry.py:")
    assert "document" not in written


def test_other_libraries_errors_are_logged_the_same_way(capsys):
    configure_logging()
    logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=error())
    written = capsys.readouterr().err
    assert json.loads(written)["error"] == "ValueError"
    assert "document" not in written


def test_a_request_does_not_inherit_the_last_ones_fields(capsys):
    configure_logging()
    bind(request_id="r-1")
    bind(other="x")
    log("request")
    assert "request_id" not in json.loads(capsys.readouterr().err)
