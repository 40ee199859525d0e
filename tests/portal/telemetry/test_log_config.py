import io
import json
import logging
import logging.config
from collections.abc import Callable, Iterator

import pytest
import structlog
from django.conf import settings

from portal.telemetry.log_config import build_logging, render_line
from portal.telemetry.redaction import REDACTED

Output = Callable[[], str]


@pytest.fixture
def start_logging() -> Iterator[Callable[[str], Output]]:
    """Configure logging in a format, into memory; put back what was there."""
    streams: list[io.StringIO] = []

    def start(log_format: str) -> Output:
        stream = io.StringIO()
        streams.append(stream)
        config = build_logging(log_format, level="INFO")
        config["handlers"]["stderr"]["stream"] = stream
        logging.config.dictConfig(config)
        return stream.getvalue

    yield start
    logging.config.dictConfig(settings.LOGGING)


def test_json_line_carries_event_level_time_and_correlation_id(start_logging: Callable[[str], Output]) -> None:
    output = start_logging("json")
    with structlog.contextvars.bound_contextvars(request_id="abcdefgh"):
        structlog.get_logger("probe").info("movie.published", movie_id=7)
    line = json.loads(output())
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "movie.published",
        "level": "info",
        "logger": "probe",
        "movie_id": 7,
        "request_id": "abcdefgh",
    }


def test_foreign_loggers_get_the_same_form_and_no_extras(start_logging: Callable[[str], Output]) -> None:
    output = start_logging("json")
    with structlog.contextvars.bound_contextvars(request_id="abcdefgh"):
        logging.getLogger("uvicorn.error").info("Started %d", 7, extra={"color_message": "\x1b[36mStarted 7"})
    line = json.loads(output())
    assert line["event"] == "Started 7"
    assert line["request_id"] == "abcdefgh"
    assert "color_message" not in line


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_secret_never_reaches_the_output(start_logging: Callable[[str], Output], log_format: str) -> None:
    output = start_logging(log_format)
    try:
        raise ValueError("redis://:hunter2@cache/0 refused")
    except ValueError:
        structlog.get_logger("probe").exception("probe.failed", body={"nested": [{"stream_key": "hunter2"}]})
    logging.getLogger("elsewhere").warning("postgresql://nova:%s@db/nova", "hunter2")
    assert "hunter2" not in output()
    assert output().count(REDACTED) >= 3


def test_json_traceback_stays_on_one_line(start_logging: Callable[[str], Output]) -> None:
    output = start_logging("json")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("elsewhere").exception("It failed.")
    (line,) = output().splitlines()
    assert "ValueError: broken" in json.loads(line)["exception"]


def test_console_traceback_is_readable_below_its_line(start_logging: Callable[[str], Output]) -> None:
    output = start_logging("console")
    try:
        raise ValueError("broken")
    except ValueError:
        structlog.get_logger("probe").exception("probe.failed")
    first, second, *_, last = output().splitlines()
    assert first.endswith("error    probe.failed")
    assert second == "    Traceback (most recent call last):"
    assert last == "    ValueError: broken"


def test_console_line_is_time_level_event_pairs_and_correlation_id() -> None:
    event = {
        "request_id": "abcdefgh",
        "event": "request.finished",
        "method": "GET",
        "title": "two words",
        "logger": "nova.requests",
        "level": "info",
        "timestamp": "2026-11-21T03:04:05.678901Z",
    }
    assert (
        render_line(None, "info", event)
        == '03:04:05 info     request.finished method=GET title="two words" request_id=abcdefgh'
    )


def test_console_line_cannot_be_forged_from_outside() -> None:
    line = render_line(None, "info", {"event": "a\nb", "path": "/x\r\n03:00:00 error forged \x1b[2J\u2028"})
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_unforeseen_error_is_logged_once_by_django_request_and_expected_ones_not_at_all(
    start_logging: Callable[[str], Output],
) -> None:
    output = start_logging("json")
    logger = logging.getLogger("django.request")
    logger.warning("Not Found: /x")
    logger.error("Service Unavailable: /readyz")
    assert output() == ""
    try:
        raise ValueError("broken")
    except ValueError:
        logger.exception("Internal Server Error: /x")
    assert json.loads(output())["event"] == "Internal Server Error: /x"


def test_bad_host_header_is_a_warning_without_traceback(start_logging: Callable[[str], Output]) -> None:
    output = start_logging("json")
    try:
        raise ValueError("broken")
    except ValueError:
        logging.getLogger("django.security.DisallowedHost").exception("Invalid HTTP_HOST header: 'evil'.")
    line = json.loads(output())
    assert line["level"] == "warning"
    assert "exception" not in line
