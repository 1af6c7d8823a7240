"""Plain rows and plain answers of one model, as JSON Schema with the manifest's own words."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from wherry.http.openapi.schema import (
    FEW,
    JSON,
    Schema,
    array,
    content,
    exact,
    given,
    nested,
    ref,
    taken,
)
from wherry.manifest import Manifest, TensorSpec
from wherry.plain.fields import Field, Fields
from wherry.plain.replies import labels_of
from wherry.release import Release

CSV, TEXT = "text/csv", "text/plain"
SHOWN = 20  # categories, and characters of each
_LABEL = "label"
_FOR_PEOPLE = ("description", "examples")
_STRING: Schema = {"type": "string"}


def plain_schemas(manifest: Manifest, release: Release, fields: Fields) -> Mapping[str, Schema]:
    """By their names in the document."""
    many, one = array(ref("Prediction")), ref("Prediction")
    return {
        "Row": exact({field.name: _field(field) for field in fields}),
        "Rows": _rows(fields),
        "Prediction": exact({spec.name: _output(spec, manifest) for spec in manifest.outputs}),
        "Predictions": {
            "anyOf": [
                _answer(release, predictions=many),
                {
                    **_answer(release, prediction=one),
                    "description": "Where one row came by itself.",
                },
            ]
        },
    }


def plain_request(manifest: Manifest, fields: Fields) -> Schema:
    """Every form that the body of a request may have, with the manifest's own example."""
    row = {field.name: _example(field) for field in fields}
    told = content(JSON, ref("Rows"), **_examples(fields, row))
    if not any(field.shape for field in fields):
        told |= content(CSV, _STRING, example=_table(row))
    if fields.takes_text:
        told |= content(TEXT, _STRING)
    for kind in manifest.image.formats if manifest.image else ():
        told |= content(f"image/{kind.lower()}", {"type": "string", "format": "binary"})
    return told


def plain_words(fields: Fields) -> str:
    """The fields of a row, as a table for people."""
    lines = [
        "JSON rows, a CSV table with a header line, or whatever else the request body lists.",
        "`Accept: text/csv` answers a table.\n",
        "| field | datatype | unit and usual range | example |",
        "|---|---|---|---|",
    ]
    for field in fields:
        example = _example(field) if field.size == 1 else "a list"
        cells = [field.name, field.datatype, _in_words(field), example]
        lines.append(f"| {' | '.join(str(cell).replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines)


def plain_answer() -> Schema:
    """Both forms that an answer may have."""
    return {**content(JSON, ref("Predictions")), **content(CSV, _STRING)}


def _examples(fields: Fields, row: Mapping[str, Any]) -> Schema:
    if fields.elements > FEW:
        return {}
    return {
        "examples": {
            "rows": {"summary": "Rows", "value": [row]},
            "one": {"summary": "One row by itself", "value": row},
        }
    }


def _table(row: Mapping[str, Any]) -> str:
    file = StringIO(newline="")
    cells = [str(value).lower() if isinstance(value, bool) else value for value in row.values()]
    csv.writer(file, lineterminator="\n").writerows([row, cells])
    return file.getvalue()


def _rows(fields: Fields) -> Schema:
    values = [_field(field) for field in fields]
    short = values[0] if len(values) == 1 else _list_of(values)
    return {
        "description": "Rows, or one row by itself. A row is an object by field or, in short, "
        "the list of its values in the order of the fields; of a single field, its value alone.",
        "anyOf": [array({"anyOf": [ref("Row"), short]}), ref("Row")],
    }


def _list_of(values: list[Schema]) -> Schema:
    bare = [
        {key: told for key, told in value.items() if key not in _FOR_PEOPLE} for value in values
    ]
    alike = all(value == bare[0] for value in bare)
    told: Schema = {"items": bare[0]} if alike else {"prefixItems": bare}
    return {"type": "array", "minItems": len(values), "maxItems": len(values), **told}


def _field(field: Field) -> Schema:
    schema = nested(taken(field.datatype, missing=field.may_be_missing), field.shape)
    schema["description"] = _in_words(field) or field.datatype
    if field.size <= FEW:
        schema["examples"] = [_example(field)]
    return schema


def _in_words(field: Field) -> str:
    feature = field.feature
    if feature is None:
        return ""
    match feature.minimum, feature.maximum:
        case None, None:
            told = ""
        case low, None:
            told = f"usually {low:g} or more"
        case None, high:
            told = f"usually {high:g} or less"
        case low, high:
            told = f"usually {low:g} to {high:g}"
    known = _few_of(feature.categories)
    return ", ".join(part for part in (feature.unit, told, known) if part)


def _few_of(categories: Sequence[str]) -> str:
    """What a text may be, as far as a line has room for it; the model may be asked others too."""
    shown = ", ".join(category.replace("\n", " ")[:SHOWN] for category in categories[:SHOWN])
    more = f" and {len(categories) - SHOWN} more" if len(categories) > SHOWN else ""
    return f"known: {shown}{more}" if shown else ""


def _example(field: Field) -> Any:
    example = field.feature.example if field.feature else None
    if field.dtype.kind == "O":
        categories = field.feature.categories if field.feature else ()
        value: Any = example if isinstance(example, str) else next(iter(categories), "text")
    elif isinstance(example, int | float):
        value = int(example) if field.dtype.kind in "iu" else example
    else:
        value = {"b": False, "f": 0.0}.get(field.dtype.kind, 0)
    for size in reversed(field.shape):
        value = [value] * abs(size)
    return value


def _output(spec: TensorSpec, manifest: Manifest) -> Schema:
    value = given(spec.datatype)
    labels = labels_of(spec, manifest)
    if labels:
        return exact(dict.fromkeys(labels, value))
    shape = () if spec.shape[1:] == (1,) else spec.shape[1:]
    if spec.name == _LABEL and not shape and manifest.labels:
        whole = value["type"] == "integer"
        return {**value, "enum": [int(told) if whole else told for told in manifest.labels]}
    return nested(value, shape)


def _answer(release: Release, **told: Schema) -> Schema:
    return exact(
        {"model": {"const": release.model}, "version": {"const": str(release.version)}, **told}
    )
