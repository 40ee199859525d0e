"""What a page may load and do, as data: Content-Security-Policy by address, and Permissions-Policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE

Directives = Mapping[str, Any]


def viewer_policy(*, public_url: str, media_url: str, has_https: bool) -> Directives:
    """Return the strict policy of everything that no other policy is for."""
    return {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", media_url],
        # hls.js feeds the player from blob: addresses, works in a worker that comes from one, and begins each text
        # track as an empty one at a data: address.
        "media-src": [SELF, "blob:", "data:", media_url],
        "worker-src": [SELF, "blob:"],
        # Older browsers do not take 'self' to mean this host's sockets too.
        "connect-src": [SELF, _socket_url(public_url), media_url],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "upgrade-insecure-requests": has_https,
    }


def admin_policy(viewer: Directives) -> Directives:
    """Return the admin's: its Alpine evaluates expressions in attributes, and its widgets write inline styles.

    What it gives up is confined to pages that staff alone can reach.
    """
    return {
        **viewer,
        "script-src": [SELF, UNSAFE_EVAL],
        "style-src": [SELF, UNSAFE_INLINE],
        # Uploads show their picture before they are sent.
        "img-src": [*viewer["img-src"], "blob:"],
    }


def documentation_policy(viewer: Directives) -> Directives:
    """Return that of the API's documentation, whose viewers write inline styles."""
    return {**viewer, "style-src": [SELF, UNSAFE_INLINE], "img-src": [*viewer["img-src"], "blob:"]}


def api_policy() -> Directives:
    """Return the API's: an answer that a browser is made to show as a page loads nothing and goes nowhere."""
    return {"default-src": [NONE], "form-action": [NONE], "frame-ancestors": [NONE], "base-uri": [NONE]}


def picture_policy() -> Directives:
    """Return that of pictures: opened by itself, an SVG is a document, and this one may do nothing at all."""
    return {"default-src": [NONE], "frame-ancestors": [NONE], "sandbox": True}


def embed_policy(viewer: Directives, sites: Sequence[str]) -> Directives:
    """Return that of the player alone, which those sites may frame."""
    return {**viewer, "frame-ancestors": [SELF, *sites], "form-action": [NONE]}


def policies_by_prefix(viewer: Directives, *, embed_sites: Sequence[str]) -> dict[str, Directives]:
    """Return the policies for addresses below each prefix; the longest prefix wins."""
    return {
        "/admin/": admin_policy(viewer),
        "/art/": picture_policy(),
        "/api/": api_policy(),
        "/embed/": embed_policy(viewer, embed_sites),
        "/api/v1/docs/": documentation_policy(viewer),
        "/api/v1/redoc/": documentation_policy(viewer),
    }


_PLAYERS_FEATURES = ("autoplay", "encrypted-media", "fullscreen", "picture-in-picture")
_UNUSED_FEATURES = (
    *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid"),
    *("idle-detection", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get"),
    *("serial", "usb", "xr-spatial-tracking"),
)
# Off, for us and for every frame, but for what a player needs.
PERMISSIONS: dict[str, list[str]] = {
    **{feature: [] for feature in _UNUSED_FEATURES},
    **{feature: ["self"] for feature in _PLAYERS_FEATURES},
}


def _socket_url(public_url: str) -> str:
    return f"ws{public_url.removeprefix('http')}"
