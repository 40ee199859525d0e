"""Where players fetch the files of packages from: the origin, an nginx that asks it, or a CDN."""

from dataclasses import dataclass
from datetime import datetime

from streaming.delivery.conf import DeliveryConf
from streaming.delivery.path_token import make_path_token


@dataclass(frozen=True, slots=True)
class MediaAccess:
    """What stands before and behind the names of a package's files.

    `query` has no question mark. Where it is not "", players put it behind every address that they find in a playlist
    or manifest, too: unlike the path, those do not inherit it.
    """

    base_url: str
    query: str = ""

    def url_for(self, name: str) -> str:
        """Return the complete address of a file; `name` is a path relative to its package."""
        url = f"{self.base_url}/{name}"
        return f"{url}?{self.query}" if self.query else url


def media_access(conf: DeliveryConf, *, token: str, package: str, expires_at: datetime) -> MediaAccess:
    """Return what a session reads its package by; `package` is its 32 digits.

    A CDN knows no playback tokens: it gets a signature of the same length of life.
    """
    if conf.mode != "cdn":
        return MediaAccess(f"{conf.origin_url}/m/{token}")
    expires_s = int(expires_at.timestamp())
    if conf.cdn_signer == "hmac":
        signed = make_path_token(package=package, expires_s=expires_s, secret=conf.cdn_key)
        return MediaAccess(f"{conf.cdn_url}/{signed}/packages/{package}")
    # It brings a library that takes a while to load, and that nothing else here needs.
    from streaming.delivery.cloudfront import read_key, sign_query

    base_url = f"{conf.cdn_url}/packages/{package}"
    key = read_key(conf.cdn_key)
    return MediaAccess(base_url, sign_query(f"{base_url}/*", expires_s=expires_s, key=key, key_id=conf.cdn_key_id))
