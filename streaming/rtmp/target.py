"""Where the stream key is, in what the encoders make of a URL."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from streaming.rtmp.redaction import Secret

KEY_FIELDS = ("key", "token", "pass")
_MAX_FIELDS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTarget:
    """A publish URL taken apart; see `PublishRequested` for the meaning of the fields."""

    app: str
    stream_key: Secret
    stream_name: str | None


def parse_publish_target(app: str, name: str) -> PublishTarget:
    """Find app and key in the arguments of `connect` and `publish`.

    Encoders cut `rtmp://host/a/b/KEY?query` at different places: FFmpeg after one or two path
    elements, OBS after all of them with the key in a field of its own, which may be empty when the
    key is part of the server URL. Hence both arguments are joined and the last path element is the
    key, unless the query names one (`key`, `token` or `pass`). An empty key is for the owner to
    refuse.
    """
    # librtmp passes its own options on after a space: "KEY live=1".
    app_path, app_query = _split_query(app)
    name_path, name_query = _split_query(name.split(" ", 1)[0])
    elements = [element for element in f"{app_path}/{name_path}".split("/") if element]
    from_query = _find_key(name_query) or _find_key(app_query)
    last = elements.pop() if elements else ""
    if from_query is None:
        return PublishTarget(app="/".join(elements), stream_key=Secret(last), stream_name=None)
    if not elements:
        # rtmp://host/live?key=KEY: there is only the app.
        elements, last = [last], ""
    return PublishTarget(app="/".join(elements), stream_key=Secret(from_query), stream_name=last or None)


def _split_query(argument: str) -> tuple[str, str]:
    path, _, query = argument.partition("?")
    return path, query


def _find_key(query: str) -> str | None:
    try:
        fields = dict(parse_qsl(query, max_num_fields=_MAX_FIELDS))
    except ValueError:
        return None
    return next((fields[name] for name in KEY_FIELDS if fields.get(name)), None)
