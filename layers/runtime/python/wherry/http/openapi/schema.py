"""The words of JSON Schema, and of a value of each datatype: as strict as the decoders are."""

from collections.abc import Mapping
from typing import Any

from wherry.plain.fields import bounds_of
from wherry.protocol.datatypes import NO_JSON, TO_NUMPY

Schema = dict[str, Any]
JSON = "application/json"
FEW = 256  # values; an example of more helps nobody

_FORMATS = {"FP32": "float", "FP64": "double", "INT32": "int32", "INT64": "int64"}


def taken(datatype: str, *, missing: bool = False) -> Schema:
    """A value that may come; with `missing`, null stands for one that did not."""
    bounds = None if datatype in NO_JSON else bounds_of(TO_NUMPY[datatype])
    if bounds is None:
        return {"type": "boolean"} if datatype == "BOOL" else {"type": "string"}
    kind = "number" if datatype.startswith("FP") else "integer"
    schema: Schema = {"type": [kind, "null"] if missing else kind}
    if datatype in _FORMATS:
        schema["format"] = _FORMATS[datatype]
    if datatype != "FP64":
        schema["minimum"], schema["maximum"] = bounds
    return schema


def given(datatype: str) -> Schema:
    """A value that is answered: NaN and infinity are null."""
    match datatype:
        case "BOOL":
            return {"type": "boolean"}
        case "BYTES":
            return {"type": "string"}
        case "FP16" | "FP32" | "FP64" | "BF16":
            return {"type": ["number", "null"]}
    return {"type": "integer"}


def nested(schema: Schema, shape: tuple[int, ...]) -> Schema:
    """Lists of lists of what `schema` says; -1 is any length."""
    for size in reversed(shape):
        exactly = {"minItems": size, "maxItems": size} if size >= 0 else {}
        schema = {"type": "array", "items": schema, **exactly}
    return schema


def array(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def exact(properties: Mapping[str, Schema]) -> Schema:
    """An object with all of these properties and no other."""
    return {**open_object(properties), "additionalProperties": False}


def open_object(properties: Mapping[str, Schema], *optional: str) -> Schema:
    """An object with these properties; the `optional` may be missing, others may come."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
    }


def ref(name: str) -> Schema:
    """Another schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def content(media_type: str, schema: Schema, **more: Any) -> Schema:
    """A body of one media type."""
    return {media_type: {"schema": schema, **more}}
