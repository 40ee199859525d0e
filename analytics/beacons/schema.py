"""What the OpenAPI description says of beacons, whose door is none of Django's views."""

from typing import Any

import msgspec

from analytics.beacons.body import BeaconBody
from analytics.beacons.endpoint import SLOW_INTERVAL_S
from analytics.beacons.membership import PATH
from analytics.errors import BeaconTokenExpired, BeaconTokenForged
from portal.api.problems import CONTENT_TYPE

_EXAMPLE = {
    "v": 1,
    "token": "AQBqYs0e…",
    "sent": 1795220000123,
    "ev": [
        {
            **{"e": "t", "ts": 1795220000100, "sn": 2, "sta": "p", "pt": 8890, "msd": 1209, "bl": [11800]},
            **{"bsa": [0], "bsda": [0], "dfa": 3, "br": [2400], "mtp": [9100], "nova-watch": 8890, "nova-q": "1080p"},
        }
    ],
}
_DESCRIPTION = (
    "Tell how playback goes: at once when its state changes, and every `beacon.interval_s` seconds while it plays. "
    "What a beacon says holds since the session began, so one that is lost, late or repeated does no harm. Also taken "
    "as text/plain, as sendBeacon sends it; at most 16 KiB. After a 429 or 503 the same may be sent again."
)


def describe_beacons(result: dict[str, Any], **_generator: object) -> dict[str, Any]:
    """Add the operation and what it takes; a hook of drf-spectacular."""
    _, schemas = msgspec.json.schema_components((BeaconBody,), ref_template="#/components/schemas/{name}")
    components = result["components"]["schemas"]
    components.update({name: _as_in_openapi_3_0(schema) for name, schema in schemas.items()})
    result["components"]["schemas"] = dict(sorted(components.items()))
    # In the order of the others, which is not quite that of the alphabet.
    paths = list(result["paths"].items())
    place = next((index for index, (path, _) in enumerate(paths) if path > PATH), len(paths))
    paths.insert(place, (PATH, {"post": _operation()}))
    result["paths"] = dict(paths)
    return result


def _as_in_openapi_3_0(schema: dict[str, Any]) -> dict[str, Any]:
    """Say of the members of an object that may be null what the older of the two standards has a word for."""
    members = {name: _nullable(member) for name, member in schema["properties"].items()}
    return {**schema, "properties": members}


def _nullable(member: dict[str, Any]) -> dict[str, Any]:
    match member:
        case {"anyOf": [kind, {"type": "null"}], **rest}:
            return {**kind, **rest, "nullable": True}
        case {"enum": [*values], **rest} if None in values:
            return {**rest, "enum": [value for value in values if value is not None], "nullable": True}
    return member


def _operation() -> dict[str, Any]:
    body = {"schema": {"$ref": "#/components/schemas/BeaconBody"}, "examples": {"Playing": {"value": _EXAMPLE}}}
    slow = {
        "type": "object",
        "required": ["hb"],
        "properties": {"hb": {"type": "integer", "example": SLOW_INTERVAL_S, "description": "Seconds."}},
    }
    return {
        "operationId": "beacons_create",
        "description": _DESCRIPTION,
        "tags": ["playback"],
        # The token is in the body.
        "security": [{}],
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": {
                "description": "Taken. Too many tell at the moment: do so every `hb` seconds until the next 204.",
                "content": {"application/json": {"schema": slow}},
            },
            "204": {"description": "Taken."},
            **{str(int(kind.status)): _problem(kind) for kind in (BeaconTokenForged, BeaconTokenExpired)},
        },
    }


def _problem(kind: type[BeaconTokenForged | BeaconTokenExpired]) -> dict[str, Any]:
    return {
        "description": f"`{kind.code}`: {kind.title}",
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
