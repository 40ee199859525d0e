"""Whether the ports that Nova listens on are free."""

import socket
from dataclasses import dataclass

from portal.embedded.failures import CannotStart


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A TCP port that one of the processes will listen on."""

    number: int
    purpose: str
    setting: str


def check_free(host: str, ports: tuple[Port, ...]) -> None:
    """Raise CannotStart for the first port that cannot be listened on."""
    numbers = [port.number for port in ports]
    for port in ports:
        if numbers.count(port.number) > 1:
            raise CannotStart(f"Port {port.number} is set for two purposes; give {port.setting} another one.")
        _try_to_listen(host, port)


def _try_to_listen(host: str, port: Port) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are only winding down counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port.number))
        except PermissionError:
            raise CannotStart(
                f"Port {port.number} ({port.purpose}) needs more rights than you have. "
                f"Choose one above 1023: {port.setting}=…"
            ) from None
        except OSError as error:
            raise CannotStart(
                f"Port {port.number} ({port.purpose}) on {host} cannot be used: {error.strerror}. "
                f"Stop the program that has it, or choose another: {port.setting}=…"
            ) from None
