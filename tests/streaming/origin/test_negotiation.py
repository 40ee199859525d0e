import pytest

from streaming.origin.negotiation import takes_gzip


@pytest.mark.parametrize(
    "header", ["gzip", "GZIP", "x-gzip", "br, gzip", "gzip;q=0.5", "gzip; q=1.000, br", "*", "identity, * ; q=0.1"]
)
def test_these_take_it(header: str) -> None:
    assert takes_gzip(header)


@pytest.mark.parametrize(
    "header", ["", "identity", "br", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *", "gzipped", "gzip;q=2", ";,;"]
)
def test_these_do_not(header: str) -> None:
    assert not takes_gzip(header)


def test_a_header_of_any_length_costs_the_same() -> None:
    assert not takes_gzip("br," * 100_000 + "gzip")
