"""What browsers say of the device they run on."""

import pytest

from streaming.devices import device_of

_MOZILLA = "Mozilla/5.0"


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (f"{_MOZILLA} (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "desktop"),
        (
            f"{_MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
            "desktop",
        ),
        (f"{_MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "desktop"),
        (f"{_MOZILLA} (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "desktop"),
        (f"{_MOZILLA} (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1", "phone"),
        (f"{_MOZILLA} (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/141.0 Mobile Safari/537.36", "phone"),
        (f"{_MOZILLA} (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "phone"),
        (f"{_MOZILLA} (iPad; CPU OS 12_5 like Mac OS X) Version/12.1.2 Mobile/15E148 Safari/604.1", "tablet"),
        (f"{_MOZILLA} (Linux; Android 14; SM-X810) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "tablet"),
        (f"{_MOZILLA} (SMART-TV; LINUX; Tizen 8.0) AppleWebKit/537.36 Version/8.0 TV Safari/537.36", "tv"),
        (f"{_MOZILLA} (Web0S; Linux/SmartTV) AppleWebKit/537.36 Chrome/108.0 Safari/537.36", "tv"),
        (f"{_MOZILLA} (Linux; Android 9; AFTKA) AppleWebKit/537.36 Silk/130.1 like Chrome/130.0 Safari/537.36", "tv"),
        (f"{_MOZILLA} (Linux; Android 12; BRAVIA 4K) AppleWebKit/537.36 Chrome/130.0 Safari/537.36", "tv"),
        (f"{_MOZILLA} (X11; Linux armv7l) AppleWebKit/537.36 Chrome/106.0 Safari/537.36 CrKey/1.56", "tv"),
        (f"{_MOZILLA} (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15", "tv"),
        ("curl/8.5.0", ""),
        ("", ""),
    ],
)
def test_the_kind_of_device_is_read_from_its_name(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device


def test_nobody_can_make_it_read_without_end() -> None:
    assert device_of("android " * 100_000 + "mobile") == "tablet"
    assert device_of("x" * 400 + "iPhone") == ""
