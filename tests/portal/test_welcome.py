from dataclasses import replace
from pathlib import Path

from portal import welcome
from portal.embedded.stack import StackOptions, welcome_text
from portal.welcome import WelcomeLine

LINES = [
    WelcomeLine(label="OBS server", value="rtmp://localhost/live"),
    WelcomeLine(label="OBS key", value="0a1b-secret"),
]


def options(host: str) -> StackOptions:
    return StackOptions(
        base_dir=Path("/srv"),
        data_dir=Path("/srv/data"),
        host=host,
        http_port=8000,
        origin_port=8001,
        audience_port=8002,
        rtmp_port=1935,
        worker_metrics_port=8003,
        rtmps_port=None,
        web_processes=1,
        worker_concurrency=1,
        log_format="console",
        has_own_postgres=True,
        has_own_redis=True,
    )


def test_the_port_of_rtmps_is_looked_at_where_it_is_taken() -> None:
    without = options("127.0.0.1")
    assert [port.number for port in without.ports()] == [8000, 8001, 8002, 1935, 8003]
    port = replace(without, rtmps_port=1936).ports()[-1]
    assert (port.number, port.setting) == (1936, "NOVA_RTMPS_PORT")


def test_every_seeder_is_asked_in_its_turn_and_its_lines_are_kept_in_order() -> None:
    registered = list(welcome._seeders)
    try:
        welcome._seeders[:] = []
        welcome.register_seeder(lambda: LINES[:1])
        welcome.register_seeder(list)
        welcome.register_seeder(lambda: LINES[1:])
        assert welcome.seed() == LINES
    finally:
        welcome._seeders[:] = registered


def test_the_values_of_the_welcome_stand_in_one_column() -> None:
    rows = [row for row in welcome_text(options("127.0.0.1"), LINES).splitlines() if "//" in row or "secret" in row]
    assert len(rows) == 5
    assert {row.index(row.split("  ")[-1].strip()) for row in rows} == {14}


def test_the_welcome_names_an_address_that_a_browser_can_open() -> None:
    for host, shown in {
        "0.0.0.0": "localhost",
        "::": "localhost",
        "127.0.0.1": "localhost",
        "192.0.2.7": "192.0.2.7",
        "2001:db8::1": "[2001:db8::1]",
        "nova.example": "nova.example",
    }.items():
        assert f"http://{shown}:8000/admin/" in welcome_text(options(host), [])
