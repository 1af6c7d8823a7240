"""V2 requests and responses of one model, as JSON Schema with its own tensors."""

from collections.abc import Mapping, Sequence

from wherry.http.openapi.schema import (
    FEW,
    JSON,
    Schema,
    array,
    content,
    given,
    open_object,
    ref,
    taken,
)
from wherry.manifest import Manifest, TensorSpec
from wherry.protocol.datatypes import NO_JSON
from wherry.release import Release
from wherry.warm_up import example_inputs

_PARAMETERS: Schema = {
    "type": "object",
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}
_SIZE: Schema = {"type": "integer", "minimum": 0}


def tensor_schemas(manifest: Manifest, release: Release) -> Mapping[str, Schema]:
    """By their names in the document."""
    return {
        "InferRequest": _request(manifest),
        "InferResponse": _response(manifest, release),
        "ModelMetadata": _metadata(release),
    }


def tensor_request(manifest: Manifest) -> Schema:
    """The body of a request, with the manifest's own example."""
    arrays = example_inputs(manifest)
    if sum(told.size for told in arrays.values()) > FEW or _has_no_json(manifest):
        return content(JSON, ref("InferRequest"))
    inputs = [
        {
            "name": spec.name,
            "shape": arrays[spec.name].shape,
            "datatype": spec.datatype,
            "data": arrays[spec.name].ravel().tolist(),
        }
        for spec in manifest.inputs
    ]
    return content(JSON, ref("InferRequest"), example={"inputs": inputs})


def _request(manifest: Manifest) -> Schema:
    count = len(manifest.inputs)
    inputs = {**array(_any_of([_input(spec) for spec in manifest.inputs])), "minItems": count}
    names = {"enum": [spec.name for spec in manifest.outputs]}
    wanted = open_object({"name": names, "parameters": _PARAMETERS}, "parameters")
    return open_object(
        {
            "id": {"type": "string", "description": "Comes back as it was sent."},
            "parameters": _PARAMETERS,
            "inputs": {**inputs, "maxItems": count},
            "outputs": {
                **array(wanted),
                "description": "The wanted outputs, in that order; without, all of them.",
            },
        },
        "id", "parameters", "outputs",
    )  # fmt: skip


def _input(spec: TensorSpec) -> Schema:
    schema = {
        **_tensor(spec),
        "data": {
            "type": "array",
            "items": {"anyOf": [taken(spec.datatype), {"type": "array"}]},
            "description": "Nested or flat, row by row.",
        },
        "parameters": _PARAMETERS,
    }
    schema["shape"]["examples"] = [[1 if size < 0 else size for size in spec.shape]]
    if spec.datatype in NO_JSON:
        del schema["data"]
    return {
        **open_object(schema, "data", "parameters"),
        "description": "With `parameters.binary_data_size`, its data follows the JSON as bytes.",
    }


def _response(manifest: Manifest, release: Release) -> Schema:
    outputs = [
        open_object(
            {**_tensor(spec), "data": array(given(spec.datatype)), "parameters": _PARAMETERS},
            "data", "parameters",
        )
        for spec in manifest.outputs
    ]  # fmt: skip
    return open_object(
        {
            "model_name": {"const": release.model},
            "model_version": {"const": str(release.version)},
            "id": {"type": "string"},
            "parameters": _PARAMETERS,
            "outputs": array(_any_of(outputs)),
        },
        "id", "parameters",
    )  # fmt: skip


def _metadata(release: Release) -> Schema:
    signature = open_object(
        {
            "name": {"type": "string"},
            "datatype": {"type": "string"},
            "shape": {**array({"type": "integer", "minimum": -1}), "description": "-1 varies."},
        }
    )
    return open_object(
        {
            "name": {"const": release.model},
            "versions": array({"const": str(release.version)}),
            "platform": {"type": "string"},
            "inputs": array(signature),
            "outputs": array(signature),
        }
    )


def _has_no_json(manifest: Manifest) -> bool:
    return any(spec.datatype in NO_JSON for spec in manifest.inputs)


def _tensor(spec: TensorSpec) -> Schema:
    ranks = {"minItems": len(spec.shape), "maxItems": len(spec.shape)}
    told = f"{list(spec.shape)}, where -1 is any size"
    return {
        "name": {"const": spec.name},
        "datatype": {"const": spec.datatype},
        "shape": {**array(_SIZE), **ranks, "description": told},
    }


def _any_of(schemas: Sequence[Schema]) -> Schema:
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
