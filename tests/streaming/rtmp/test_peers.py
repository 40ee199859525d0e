"""What the limits count by."""

import pytest

from streaming.rtmp.peers import describe_peer, host_of, site_of


@pytest.mark.parametrize(
    ("peername", "peer", "address"),
    [
        (("192.0.2.7", 50000), "192.0.2.7:50000", "192.0.2.7"),
        (("2001:db8:1:2:3:4:5:6", 50000, 0, 0), "[2001:db8:1:2:3:4:5:6]:50000", "2001:db8:1:2::/64"),
        (("fe80::1%eth0", 1, 0, 2), "[fe80::1%eth0]:1", "fe80::/64"),
        (("::ffff:192.0.2.7", 1, 0, 0), "[::ffff:192.0.2.7]:1", "192.0.2.7"),
        (None, "unknown", "unknown"),
    ],
)
def test_peers_are_counted_by_what_one_customer_has(peername: object, peer: str, address: str) -> None:
    assert describe_peer(peername) == (peer, address)
    if peer != "unknown":
        assert site_of(host_of(peer)) == address


@pytest.mark.parametrize("host", ["2001:db8::1", "192.0.2.7", "an-edge"])
def test_an_address_without_a_port_is_one_already(host: str) -> None:
    assert host_of(host) == host


def test_what_is_no_address_is_counted_by_itself() -> None:
    assert site_of("an-edge") == "an-edge"
