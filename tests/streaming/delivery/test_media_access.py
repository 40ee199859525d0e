import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from streaming.delivery import MediaAccess, media_access
from streaming.delivery.conf import DeliveryConf
from tests.streaming.delivery.edges import CDN, CloudFront, HmacEdge, cdn_conf, rsa_key

_PACKAGE = "0123456789abcdef0123456789abcdef"
_EXPIRES_AT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
_BEFORE_S = _EXPIRES_AT.timestamp() - 1


def _access(conf: DeliveryConf) -> MediaAccess:
    return media_access(conf, token="the-token", package=_PACKAGE, expires_at=_EXPIRES_AT)


@pytest.mark.parametrize("mode", ["origin", "nginx"])
def test_origin_and_nginx_have_the_same_addresses(mode: str) -> None:
    access = _access(replace(cdn_conf(), mode=mode))
    assert access.url_for("v720/1.m4s") == "https://media.example.com/m/the-token/v720/1.m4s"
    assert access.query == ""


def test_cloudfront_is_given_a_query_that_opens_every_file_until_the_session_ends() -> None:
    access = _access(cdn_conf("cloudfront"))
    assert access.url_for("master.m3u8") == f"{CDN}/packages/{_PACKAGE}/master.m3u8?{access.query}"
    edge = CloudFront(rsa_key().public_key())
    for name in ("master.m3u8", "v720/1.m4s"):
        assert edge.admit(access.url_for(name), at_s=_BEFORE_S) == f"/packages/{_PACKAGE}/{name}"
        assert edge.admit(access.url_for(name), at_s=_BEFORE_S + 1) is None


def test_an_hmac_edge_is_given_a_path_that_relative_addresses_inherit() -> None:
    access = _access(cdn_conf("hmac"))
    assert access.query == ""
    assert urlsplit(access.url_for("v720/1.m4s")).path.startswith(f"/exp={int(_EXPIRES_AT.timestamp())}~")
    assert HmacEdge().admit(access.url_for("v720/1.m4s"), at_s=_BEFORE_S) == f"/packages/{_PACKAGE}/v720/1.m4s"


@pytest.mark.parametrize("signer", ["cloudfront", "hmac"])
def test_a_cdn_is_told_neither_token_nor_keys(signer: str) -> None:
    conf = cdn_conf(signer)
    url = _access(conf).url_for("master.m3u8")
    assert "the-token" not in url
    assert conf.cdn_key not in url
    assert conf.cdn_pull_secret not in url


def test_a_path_below_the_cdns_name_is_kept() -> None:
    access = _access(replace(cdn_conf(), cdn_url=f"{CDN}/films"))
    assert access.base_url == f"{CDN}/films/packages/{_PACKAGE}"
    assert CloudFront(rsa_key().public_key()).admit(access.url_for("master.m3u8"), at_s=_BEFORE_S)


def test_without_cloudfront_its_library_is_not_loaded() -> None:
    # Every process reads the settings of delivery, and cryptography takes a while.
    code = "import sys, streaming.delivery; print('cryptography.hazmat.primitives.asymmetric.rsa' in sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "False"
