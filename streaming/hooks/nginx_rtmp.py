"""nginx with the RTMP module: `on_publish`, `on_publish_done` and `on_update`.

A form comes in; a status goes out. A redirect to what is no address gives the stream another name, and so the key
never becomes part of one.
"""

from urllib.parse import parse_qsl, urlencode

from streaming.hooks.notices import (
    Hook,
    HookUnreadable,
    Notice,
    Playing,
    Reply,
    Unpublished,
    publisher_name,
    publishing,
)
from streaming.hooks.queries import has_secret
from streaming.rtmp.target import KEY_FIELDS, parse_publish_target

_MOST_FIELDS = 64


class NginxRtmp:
    renames = True

    def is_from(self, hook: Hook, secret: str) -> bool:
        return has_secret(hook, secret)

    def read(self, hook: Hook) -> Notice:
        form = _read_form(hook.body)
        call = form.get("call", "")
        if call == "publish_done":
            return Unpublished(publisher=publisher_name(form.get("clientid")))
        if call == "update_play":
            # `on_update` asks about those who watch, too: in vain, since who may is said in its configuration.
            return Playing()
        if call not in ("publish", "update_publish"):
            raise HookUnreadable("it is about nothing that is published")
        # What the encoder puts behind a question mark has become fields like any other.
        query = urlencode({name: form[name] for name in KEY_FIELDS if name in form})
        target = parse_publish_target(form.get("app", ""), f"{form.get('name', '')}?{query}")
        return publishing(
            publisher=form.get("clientid"),
            key=target.stream_key,
            path=f"{form.get('app', '')}/{form.get('name', '')}",
            peer=form.get("addr", ""),
            # Its name is that of the encoder, whatever it was told at the beginning.
            has_begun=call == "update_publish",
        )

    def allow(self, hook: Hook, path: str = "") -> Reply:
        if not path:
            return Reply(status=204)
        return Reply(status=302, headers={"location": path.rpartition("/")[2]})

    def refuse(self, words: str) -> Reply:
        return Reply(status=403, headers={"content-type": "text/plain; charset=utf-8"}, body=words.encode())


def _read_form(body: bytes) -> dict[str, str]:
    """Return the first field of each name: those that the encoder adds come behind those of the server."""
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HookUnreadable("the body is no form") from None
    return dict(reversed(fields))
