"""The committed description of the API as data: each operation, values that fit it, and values that do not."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

Schema = Mapping[str, Any]

_FILE = Path(__file__).parents[1] / "docs/reference/openapi.yaml"
DOCUMENT: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
_JSON = "application/json"
# Each of them has once brought down somebody's server.
HOSTILE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, 1e308, [], {"$ne": ""}, [[[[]]]], ["\0"]),
    *("", " ", "a\0b", "\ud800", "\u202eevil", "x" * 6000, "9" * 400, "' OR 1=1 --", "\r\nX-Evil: 1", "٣", "NaN"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call. `body` is the schema of its JSON, None if it takes none; `answers` are the schemas by status."""

    name: str
    method: str
    path: str
    body: Schema | None
    query: Mapping[str, Schema]
    answers: Mapping[int, Schema | None]


def operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield Operation(
                name=operation["operationId"],
                method=method,
                path=path,
                body=_body(operation),
                query={p["name"]: p["schema"] for p in operation.get("parameters", ()) if p["in"] == "query"},
                answers={int(status): _answer(answer) for status, answer in operation["responses"].items()},
            )


def sample(schema: Schema) -> Any:
    """Return a value that fits."""
    schema = resolve(schema)
    if "oneOf" in schema:
        return sample(schema["oneOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {name: sample(inner) for name, inner in schema.get("properties", {}).items()}
        case "array":
            return []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
    return "2026-01-01T00:00:00Z" if schema.get("format") == "date-time" else "sample"


def hostile_bodies(schema: Schema) -> Iterator[Any]:
    """Yield bodies with one fault each: a wrong kind of body, a member missing, too many, or of a wrong form."""
    fitting = sample(schema)
    yield from ([], "text", 7, None, True, [fitting], {})
    yield {**fitting, "unknown": 1}
    yield {**fitting, "": 1}
    yield {**fitting, "a\0": 1}
    for name in fitting:
        yield {other: value for other, value in fitting.items() if other != name}
        for value in HOSTILE:
            yield {**fitting, name: value}


def faults(value: Any, schema: Schema, where: str = "") -> Iterator[str]:
    """Yield what of an answer the description does not say; a member that it does not name is a fault too."""
    schema = resolve(schema)
    if value is None:
        if not schema.get("nullable"):
            yield f"{where} is null"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{where} is {value!r}"
    elif "type" in schema and not _is_of(schema, value):
        yield f"{where} is {value!r} and no {schema['type']}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema["items"], f"{where}/{index}")
    elif isinstance(value, dict):
        yield from _faults_of_members(value, schema, where)


def resolve(schema: Schema) -> Schema:
    if "allOf" in schema:
        # A reference with words, or with null, of its own.
        (base,) = schema["allOf"]
        return {**resolve(base), **{name: value for name, value in schema.items() if name != "allOf"}}
    if "$ref" not in schema:
        return schema
    found: Any = DOCUMENT
    for step in schema["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return resolve(found)


def _faults_of_members(value: dict[str, Any], schema: Schema, where: str) -> Iterator[str]:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties")
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{where}/{name} is missing"
    for name, inner in value.items():
        if name in properties:
            yield from faults(inner, properties[name], f"{where}/{name}")
        elif others:
            yield from faults(inner, others, f"{where}/{name}")
        elif properties and others is None:
            yield f"{where}/{name} is not described"


def _is_of(schema: Schema, value: Any) -> bool:
    if schema.get("format") == "date-time":
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    kinds: Mapping[str, type | tuple[type, ...]] = {
        **{"object": dict, "array": list, "string": str},
        **{"integer": int, "number": (int, float), "boolean": bool},
    }
    is_misplaced_bool = isinstance(value, bool) and schema["type"] != "boolean"
    return isinstance(value, kinds[schema["type"]]) and not is_misplaced_bool


def _body(operation: Mapping[str, Any]) -> Schema | None:
    content = operation.get("requestBody", {}).get("content", {})
    # A form with a file is no value that could be made up here; its endpoint's own tests send hostile ones.
    return resolve(content[_JSON]["schema"]) if _JSON in content else None


def _answer(answer: Schema) -> Schema | None:
    content = resolve(answer).get("content", {})
    schema: Schema | None = next((kind["schema"] for kind in content.values()), None)
    return schema
