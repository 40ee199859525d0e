"""OvenMediaEngine: `AdmissionWebhooks`, signed with a secret that both sides know.

It may be told another address to publish under, of the same scheme and port, and so the key never becomes part of one.
"""

import base64
import hmac
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from streaming.hooks.json_bodies import member, read_object, reply, text
from streaming.hooks.notices import Hook, HookUnreadable, Notice, Reply, Unpublished, publisher_name, publishing
from streaming.rtmp.target import KEY_FIELDS, parse_publish_target

_SIGNATURE = "x-ome-signature"


class OvenMediaEngine:
    renames = True

    def is_from(self, hook: Hook, secret: str) -> bool:
        signature = base64.urlsafe_b64encode(hmac.digest(secret.encode(), hook.body, "sha1"))
        presented = hook.headers.get(_SIGNATURE, "").encode()
        # With and without what fills base64 up to its length.
        return hmac.compare_digest(presented.rstrip(b"="), signature.rstrip(b"="))

    def read(self, hook: Hook) -> Notice:
        told = read_object(hook)
        client, request = member(told, "client"), member(told, "request")
        if text(request, "direction") != "incoming":
            raise HookUnreadable("it is about nothing that is published")
        publisher = publisher_name(f"{client.get('address')}:{client.get('port')}")
        if text(request, "status") == "closing":
            return Unpublished(publisher=publisher)
        asked = _split(text(request, "url"))
        path = "/".join(asked.path.strip("/").split("/")[:2])
        key = parse_publish_target("", f"{path}?{asked.query}").stream_key
        # What a proxy says of the client, `real_ip`, the client can say itself.
        return publishing(publisher=publisher, key=key, path=path, peer=client.get("address"))

    def allow(self, hook: Hook, path: str = "") -> Reply:
        request = member(read_object(hook), "request")
        if text(request, "status") == "closing":
            return reply(200, {})
        return reply(200, {"allowed": True, "lifetime": 0, "new_url": _rename(text(request, "url"), path)})

    def refuse(self, words: str) -> Reply:
        return reply(200, {"allowed": False, "reason": words})


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise HookUnreadable("the address is none") from None


def _rename(url: str, path: str) -> str:
    """Return an address with another application and stream, and without a key."""
    parts = _split(url)
    file = parts.path.strip("/").split("/")[2:]
    query = urlencode([field for field in parse_qsl(parts.query) if field[0] not in KEY_FIELDS])
    return parts._replace(path="/" + "/".join([path, *file]), query=query).geturl()
