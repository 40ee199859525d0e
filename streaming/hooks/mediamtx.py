"""MediaMTX: `authMethod: http`.

Each 2xx is a yes. It asks for everybody who publishes or reads, once more with credentials where a 401 asked for them.
"""

from typing import Any

from streaming.hooks.json_bodies import read_object, reply, text
from streaming.hooks.notices import Hook, HookUnreadable, Notice, Pulling, Reply, publishing
from streaming.hooks.queries import has_secret
from streaming.rtmp.redaction import Secret
from streaming.rtmp.target import parse_publish_target


class MediaMtx:
    renames = False

    def is_from(self, hook: Hook, secret: str) -> bool:
        return has_secret(hook, secret)

    def read(self, hook: Hook) -> Notice:
        asked = read_object(hook)
        action = text(asked, "action")
        if action == "read":
            return Pulling(secret=Secret(_credential(asked)))
        if action != "publish":
            raise HookUnreadable("it is about nothing that is published")
        path = text(asked, "path").strip("/")
        key = _credential(asked) or parse_publish_target("", f"{path}?{text(asked, 'query')}").stream_key.reveal()
        return publishing(publisher=asked.get("id"), key=Secret(key), path=path, peer=asked.get("ip"))

    def allow(self, hook: Hook, path: str = "") -> Reply:
        return reply(200, {})

    def refuse(self, words: str) -> Reply:
        return reply(401, {"error": words})


def _credential(asked: dict[str, Any]) -> str:
    """Return what was shown as a password or as a token, by whatever protocol."""
    return text(asked, "password") or text(asked, "token")
