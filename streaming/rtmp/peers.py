"""Whom a connection comes from: for people, and as it is counted."""

import ipaddress

_IPV6_SITE_BITS = 64
UNKNOWN = "unknown"


def describe_peer(peername: object) -> tuple[str, str]:
    """Return the peer for people, with its port, and what its connections are counted under."""
    if not isinstance(peername, tuple):
        return UNKNOWN, UNKNOWN
    host, port = str(peername[0]), peername[1]
    shown = f"[{host}]" if ":" in host else host
    return f"{shown}:{port}", site_of(host)


def host_of(peer: str) -> str:
    """Return the address in what `describe_peer` says for people; one without a port is one already."""
    if peer.startswith("["):
        return peer[1:].partition("]")[0]
    return peer.partition(":")[0] if peer.count(":") == 1 else peer


def site_of(host: str) -> str:
    """Return what one customer has at least: an IPv4 address, or the /64 of an IPv6 address.

    What is no address stands for itself.
    """
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _IPV6_SITE_BITS), strict=False))
