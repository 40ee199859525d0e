import socket
from collections.abc import Iterator

import pytest

from portal.embedded.failures import CannotStart
from portal.embedded.ports import Port, check_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def port(number: int, setting: str = "NOVA_HTTP_PORT") -> Port:
    return Port(number=number, purpose="pages", setting=setting)


def test_a_taken_port_is_refused_with_the_way_out(taken: int) -> None:
    with pytest.raises(CannotStart, match=rf"Port {taken} \(pages\).*NOVA_HTTP_PORT"):
        check_free("127.0.0.1", (port(taken),))


def test_a_free_port_passes() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    check_free("127.0.0.1", (port(number),))


def test_one_port_for_two_purposes_is_refused() -> None:
    with pytest.raises(CannotStart, match="set for two purposes; give NOVA_HTTP_PORT"):
        check_free("127.0.0.1", (port(5), port(5, "NOVA_RTMP_PORT")))


def test_a_host_that_is_not_ours_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"on 192\.0\.2\.1 cannot be used"):
        check_free("192.0.2.1", (port(0),))
