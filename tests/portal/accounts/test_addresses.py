import pytest
from django.test import RequestFactory
from pytest_django import Settings

from portal.accounts.addresses import choose_address, client_address, client_network, fingerprint


@pytest.mark.parametrize(
    ("remote", "forwarded", "trusts_proxy", "expected"),
    [
        ("203.0.113.7", "", False, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", False, "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", True, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, unknown", True, "10.0.0.1"),
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("", "", False, "unknown"),
        ("not an address", "nor is this", True, "unknown"),
        ("::ffff:203.0.113.7", "", False, "203.0.113.7"),
        ("2001:DB8:0::1", "", False, "2001:db8::1"),
        ("fe80::1%eth0", "", False, "fe80::1"),
    ],
)
def test_the_address_is_the_one_that_the_nearest_trusted_party_saw(
    remote: str, forwarded: str, trusts_proxy: bool, expected: str
) -> None:
    meta = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    assert choose_address(meta, trusts_proxy=trusts_proxy) == expected


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(rf: RequestFactory, settings: Settings) -> None:
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "198.51.100.1"})
    settings.NOVA_HAS_TRUSTED_PROXY = False
    assert client_address(request) == "10.0.0.1"
    settings.NOVA_HAS_TRUSTED_PROXY = True
    assert client_address(request) == "198.51.100.1"


def test_an_ipv6_network_is_one_client(rf: RequestFactory) -> None:
    first, second = (rf.get("/", REMOTE_ADDR=f"2001:db8:1:2::{n}") for n in (1, 2))
    elsewhere = rf.get("/", REMOTE_ADDR="2001:db8:1:3::1")
    assert client_network(first) == client_network(second) == "2001:db8:1:2::/64"
    assert client_network(elsewhere) != client_network(first)


def test_a_fingerprint_links_requests_without_telling_the_address(rf: RequestFactory, settings: Settings) -> None:
    request = rf.get("/", REMOTE_ADDR="203.0.113.7")
    mark = fingerprint(request)
    assert mark == fingerprint(rf.get("/other", REMOTE_ADDR="203.0.113.7"))
    assert mark != fingerprint(rf.get("/", REMOTE_ADDR="203.0.113.8"))
    settings.SECRET_KEY = "another key " * 5
    assert mark != fingerprint(request)
