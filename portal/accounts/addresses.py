"""Where a request comes from. Raw addresses are for deciding, never for storing."""

import ipaddress
from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

# One household or server gets at least this much of IPv6: limits count the network, not one of its 2**64 addresses.
_IPV6_NETWORK_BITS = 64
UNKNOWN = "unknown"


def client_address(request: HttpRequest) -> str:
    """Return the client's IP address in its canonical form, or "unknown"."""
    return choose_address(request.META, trusts_proxy=settings.NOVA_HAS_TRUSTED_PROXY)


def client_network(request: HttpRequest) -> str:
    """Return what a limit counts by: the IPv4 address, or the /64 of an IPv6 address."""
    address = client_address(request)
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/{_IPV6_NETWORK_BITS}", strict=False))


def fingerprint(request: HttpRequest) -> str:
    """Return a keyed hash that links requests of one client without telling its address."""
    return salted_hmac("portal.accounts.addresses", client_network(request)).hexdigest()[:16]


def choose_address(meta: Mapping[str, str], *, trusts_proxy: bool) -> str:
    """Pick the address from a request's headers.

    The trusted proxy appends the address it sees to X-Forwarded-For; what stands before it is the client's own claim.
    """
    candidates = [meta.get("REMOTE_ADDR", "")]
    if trusts_proxy:
        candidates.insert(0, meta.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2])
    for candidate in candidates:
        address = _canonical(candidate.strip())
        if address:
            return address
    return UNKNOWN


def _canonical(text: str) -> str:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(address)
