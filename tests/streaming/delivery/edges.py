"""CDNs for tests: they decide as the real ones do, by a public key or a shared secret, and ask nobody.

Written after the documents alone, and not with the code that signs.
"""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from streaming.delivery.conf import DeliveryConf

CDN = "https://d111111abcdef8.cloudfront.example.com"
KEY_ID = "K2JCJMDEHXQW5F"
SECRET = "an-edge-that-knows-hmac-knows-this-one"
PULL_SECRET = "what-the-cdn-shows-when-it-fetches-films"


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def cdn_conf(signer: str = "cloudfront") -> DeliveryConf:
    return DeliveryConf(
        mode="cdn",
        origin_url="https://media.example.com",
        cdn_url=CDN,
        cdn_signer=signer,
        cdn_key_id=KEY_ID if signer == "cloudfront" else "",
        cdn_key=pem(rsa_key()) if signer == "cloudfront" else SECRET,
        cdn_pull_secret=PULL_SECRET,
        cdn_session=timedelta(minutes=60),
    )


@dataclass(frozen=True, slots=True)
class CloudFront:
    """Lets a request pass whose query it finds right, and gives the address that it asks its origin for."""

    key: rsa.RSAPublicKey
    key_id: str = KEY_ID

    def admit(self, url: str, *, at_s: float) -> str | None:
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if query.get("Key-Pair-Id") != self.key_id or not {"Policy", "Signature"} <= query.keys():
            return None
        policy = _from_query(query["Policy"])
        used = {"SHA256": hashes.SHA256, "SHA1": hashes.SHA1}[query.get("Hash-Algorithm", "SHA1")]
        try:
            self.key.verify(_from_query(query["Signature"]), policy, padding.PKCS1v15(), used())
        except InvalidSignature:
            return None
        (statement,) = json.loads(policy)["Statement"]
        is_open = at_s < statement["Condition"]["DateLessThan"]["AWS:EpochTime"]
        bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
        return parts.path if is_open and fnmatchcase(bare, statement["Resource"]) else None


@dataclass(frozen=True, slots=True)
class HmacEdge:
    """The same by a token in the path, as docs/howto/put-a-cdn-in-front.md has it."""

    secret: str = SECRET

    def admit(self, url: str, *, at_s: float) -> str | None:
        token, _, rest = urlsplit(url).path.removeprefix("/").partition("/")
        form = re.fullmatch(r"(exp=(\d{1,12})~package=([0-9a-f]{32}))~hmac=([0-9a-f]{64})", token)
        if form is None:
            return None
        said, expires, package, mac = form.groups()
        right = hmac.new(self.secret.encode(), said.encode(), hashlib.sha256).hexdigest()
        is_right = hmac.compare_digest(mac, right) and at_s < int(expires)
        return f"/{rest}" if is_right and rest.startswith(f"packages/{package}/") else None


def _from_query(text: str) -> bytes:
    return base64.b64decode(text.replace("-", "+").replace("_", "=").replace("~", "/"), validate=True)


@cache
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def of_a_stranger(conf: DeliveryConf) -> DeliveryConf:
    """Return the settings of somebody who would like to sign for the same CDN."""
    key = pem(strangers_key()) if conf.cdn_signer == "cloudfront" else "a-secret-that-somebody-else-has-made-up"
    return replace(conf, cdn_key=key)
