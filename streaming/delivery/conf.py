"""What operators decide about the way of media to players."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self
from urllib.parse import urlsplit

from portal.env import Env
from streaming.tokens import MOST_LIFETIME

MODES = ("origin", "nginx", "cdn")
SIGNERS = ("cloudfront", "hmac")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryConf:
    """The settings of delivery. What begins with `cdn` matters in the mode "cdn" only."""

    # "origin": the origin's own process. "nginx": an nginx that asks the origin about each token and reads files
    # itself. "cdn": a CDN that checks a signature of ours and asks nobody.
    mode: str
    # Where the origin, or the nginx in front of it, is reached from outside; no slash at its end.
    origin_url: str
    cdn_url: str
    # "cloudfront": a policy in the query. "hmac": a token in the path.
    cdn_signer: str
    # By which CloudFront knows the public half of the key; "" with "hmac".
    cdn_key_id: str
    # CloudFront: an RSA key as PEM. HMAC: a secret.
    cdn_key: str = field(repr=False)
    # What the CDN shows when it fetches from the origin; "": it fetches from a bucket, and the origin gives it nothing.
    cdn_pull_secret: str = field(repr=False)
    # How long what is signed for a CDN holds. It learns of no revocation, so this is how long one may be ignored.
    cdn_session: timedelta

    @classmethod
    def from_env(cls, env: Env, *, origin_url: str) -> Self:
        return cls(
            mode=env.choice("NOVA_DELIVERY", "origin", MODES),
            origin_url=origin_url,
            cdn_url=env.url("NOVA_CDN_URL", "") if env.text("NOVA_CDN_URL") else "",
            cdn_signer=env.choice("NOVA_CDN_SIGNER", "cloudfront", SIGNERS),
            cdn_key_id=env.text("NOVA_CDN_KEY_ID"),
            cdn_key=env.secret("NOVA_CDN_KEY"),
            cdn_pull_secret=env.secret("NOVA_CDN_PULL_SECRET"),
            cdn_session=timedelta(minutes=env.integer("NOVA_CDN_SESSION_MINUTES", 60, at_least=5, at_most=720)),
        )

    @property
    def longest_session(self) -> timedelta:
        return self.cdn_session if self.mode == "cdn" else MOST_LIFETIME

    @property
    def media_site(self) -> str:
        """Return scheme, host and port of what players fetch from, as a page's policy names it."""
        parts = urlsplit((self.cdn_url or self.origin_url) if self.mode == "cdn" else self.origin_url)
        return f"{parts.scheme}://{parts.netloc}"
