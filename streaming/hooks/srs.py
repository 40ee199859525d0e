"""SRS: `http_hooks` with `on_publish` and `on_unpublish`. Its yes is a status of 200 with the code 0 in JSON."""

from streaming.hooks.json_bodies import read_object, reply, text
from streaming.hooks.notices import Hook, HookUnreadable, Notice, Reply, Unpublished, publisher_name, publishing
from streaming.hooks.queries import has_secret
from streaming.rtmp.target import parse_publish_target


class Srs:
    renames = False

    def is_from(self, hook: Hook, secret: str) -> bool:
        return has_secret(hook, secret)

    def read(self, hook: Hook) -> Notice:
        told = read_object(hook)
        action = text(told, "action")
        if action == "on_unpublish":
            return Unpublished(publisher=publisher_name(told.get("client_id")))
        if action != "on_publish":
            raise HookUnreadable("it is about nothing that is published")
        app, stream = text(told, "app"), text(told, "stream")
        # `param` begins with a question mark.
        target = parse_publish_target(app, f"{stream}{text(told, 'param')}")
        return publishing(
            publisher=told.get("client_id"), key=target.stream_key, path=f"{app}/{stream}", peer=told.get("ip")
        )

    def allow(self, hook: Hook, path: str = "") -> Reply:
        return reply(200, {"code": 0})

    def refuse(self, words: str) -> Reply:
        return reply(403, {"code": 1, "msg": words})
