"""Queries held against CloudFront's documents, the vendor's own library, OpenSSL, and an edge that checks them."""

import base64
import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from botocore.signers import CloudFrontSigner  # type: ignore[import-untyped]  # it has no stubs
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from streaming.delivery.cloudfront import NotACloudFrontKey, format_policy, read_key, sign_query
from tests.streaming.delivery.edges import CDN, KEY_ID, CloudFront, pem, rsa_key

_RESOURCE = f"{CDN}/packages/0123456789abcdef0123456789abcdef/*"
_SEGMENT = _RESOURCE.replace("*", "v720/1.m4s")
_EXPIRES_S = 1795219991


def _query() -> str:
    return sign_query(_RESOURCE, expires_s=_EXPIRES_S, key=rsa_key(), key_id=KEY_ID)


def _edge() -> CloudFront:
    return CloudFront(rsa_key().public_key())


def test_a_policy_has_the_form_and_the_order_of_the_vendors_library_and_no_blank() -> None:
    vendor = CloudFrontSigner(KEY_ID, None).build_policy(_RESOURCE, datetime.fromtimestamp(_EXPIRES_S, UTC))
    assert format_policy(_RESOURCE, expires_s=_EXPIRES_S) == vendor
    assert not re.search(r"\s", vendor)


def test_a_query_is_the_vendors_with_the_name_of_the_hash_behind_it() -> None:
    def sign(message: bytes) -> bytes:
        return rsa_key().sign(message, padding.PKCS1v15(), hashes.SHA256())

    policy = format_policy(_RESOURCE, expires_s=_EXPIRES_S)
    vendor = CloudFrontSigner(KEY_ID, sign).generate_presigned_url(_SEGMENT, policy=policy)
    assert f"{_SEGMENT}?{_query()}" == f"{vendor}&Hash-Algorithm=SHA256"


def test_openssl_makes_the_same_signature(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text(pem(rsa_key()))
    argv = ("openssl", "dgst", "-sha256", "-sign", str(tmp_path / "key.pem"))
    policy = format_policy(_RESOURCE, expires_s=_EXPIRES_S).encode()
    made = subprocess.run(argv, input=policy, capture_output=True, check=True).stdout
    # The replacements are those of the guide's own command: tr -- '+=/' '-_~'
    written = base64.b64encode(made).decode().replace("+", "-").replace("=", "_").replace("/", "~")
    assert parse_qs(_query())["Signature"] == [written]


def test_a_query_needs_no_encoding() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_~&=-]+", _query())


def test_cloudfront_lets_every_file_of_the_folder_pass_and_nothing_else() -> None:
    for name in ("master.m3u8", "manifest.mpd", "v720/init.mp4", "v720/1.m4s", "c1/1.vtt", "storyboard/1.jpg"):
        url = _RESOURCE.replace("*", name)
        assert _edge().admit(f"{url}?{_query()}", at_s=_EXPIRES_S - 1) == url.removeprefix(CDN)
    elsewhere = _SEGMENT.replace("0123456789abcdef0123456789abcdef", "f" * 32)
    assert _edge().admit(f"{elsewhere}?{_query()}", at_s=0) is None


def test_cloudfront_refuses_what_is_over_changed_or_of_another_key() -> None:
    assert _edge().admit(f"{_SEGMENT}?{_query()}", at_s=_EXPIRES_S) is None
    forged = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    query = sign_query(_RESOURCE, expires_s=_EXPIRES_S, key=forged, key_id=KEY_ID)
    assert _edge().admit(f"{_SEGMENT}?{query}", at_s=0) is None
    later = base64.b64encode(format_policy(_RESOURCE, expires_s=_EXPIRES_S + 9999).encode()).decode()
    assert json.loads(base64.b64decode(later))
    changed = re.sub(r"Policy=[^&]+", f"Policy={later.replace('=', '_')}", _query())
    assert _edge().admit(f"{_SEGMENT}?{changed}", at_s=0) is None
    assert _edge().admit(_SEGMENT, at_s=0) is None


def test_what_is_no_rsa_key_of_2048_bits_is_refused_without_being_quoted() -> None:
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    for text in ("", "my-secret", curve.decode(), pem(small)):
        with pytest.raises(NotACloudFrontKey) as caught:
            read_key(text)
        assert "my-secret" not in str(caught.value)


def test_a_key_with_a_password_is_refused() -> None:
    locked = rsa_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"word")
    )
    with pytest.raises(NotACloudFrontKey):
        read_key(locked.decode())
