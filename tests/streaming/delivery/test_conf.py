from datetime import timedelta
from pathlib import Path

import pytest

from portal.env import BadSetting, Env
from streaming.delivery.conf import DeliveryConf
from tests.streaming.delivery.edges import cdn_conf

_ORIGIN = "https://media.example.com"


def _read(**variables: str) -> DeliveryConf:
    return DeliveryConf.from_env(Env(variables), origin_url=_ORIGIN)


def test_without_settings_the_origin_serves() -> None:
    conf = _read()
    assert (conf.mode, conf.media_site, conf.longest_session) == ("origin", _ORIGIN, timedelta(hours=12))


def test_a_session_at_a_cdn_is_as_short_as_operators_say() -> None:
    conf = _read(NOVA_DELIVERY="cdn", NOVA_CDN_URL="https://cdn.example.com/films/", NOVA_CDN_SESSION_MINUTES="15")
    assert conf.longest_session == timedelta(minutes=15)
    assert conf.cdn_url == "https://cdn.example.com/films"
    # A page's policy names no path: it would allow that one address only.
    assert conf.media_site == "https://cdn.example.com"


def test_keys_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n")
    conf = _read(NOVA_CDN_KEY_FILE=str(tmp_path / "key"))
    assert conf.cdn_key.splitlines()[1] == "MII"


def test_secrets_are_not_shown() -> None:
    conf = cdn_conf("hmac")
    assert conf.cdn_key not in repr(conf)
    assert conf.cdn_pull_secret not in repr(conf)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NOVA_DELIVERY", "squid"),
        ("NOVA_CDN_SIGNER", "md5"),
        ("NOVA_CDN_URL", "cdn.example.com"),
        ("NOVA_CDN_SESSION_MINUTES", "4"),
        ("NOVA_CDN_SESSION_MINUTES", "721"),
    ],
)
def test_what_cannot_be_read_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSetting, match=name):
        _read(**{name: value})
