"""
The ML-BOM: a CycloneDX 1.6 document of what a model is made of, for the tools that read such.

It is made of the manifest and the files, before the artifact is sealed, and holds no clock: the
same artifact has the same document, and its serial number follows from the rest. CycloneDX's own
library has no model cards yet, so the document is written here; tests hold it against CycloneDX's
schema. It says nothing that the manifest and the card do not.
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from cyclonedx.spdx import is_expression, is_supported_id
from packageurl import PackageURL

from models.preparation.cards.card import head, limits
from wherry.manifest import Manifest, TensorSpec

BOM = "bom.json"
CARD = "CARD.md"
SPEC = "1.6"
_DATA = "training-data"

Json = dict[str, Any]


def bom(manifest: Manifest, files: Mapping[str, bytes]) -> bytes:
    """`files` are all but the manifest and the document itself; canonical JSON."""
    libraries = [_library(name, version) for name, version in sorted(manifest.libraries.items())]
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": SPEC,
        "version": 1,
        "metadata": {"component": _model(manifest, files.get(CARD, b""))},
        "components": [
            *libraries,
            *(_file(name, data) for name, data in sorted(files.items())),
            *_data(manifest),
        ],
        "dependencies": [
            {"ref": manifest.model, "dependsOn": [each["bom-ref"] for each in libraries]}
        ],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(_canonical(told)).hexdigest())
    return _canonical({**told, "serialNumber": f"urn:uuid:{serial}"}) + b"\n"


def _canonical(told: Json) -> bytes:
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)


def _model(manifest: Manifest, card: bytes) -> Json:
    told: Json = {
        "type": "machine-learning-model",
        "bom-ref": manifest.model,
        "name": manifest.model,
        "modelCard": _card(manifest, card),
        "properties": _properties(manifest),
    }
    if description := head(card):
        told["description"] = description
    if manifest.licence:
        told["licenses"] = [_licence(manifest.licence)]
    return told


def _card(manifest: Manifest, card: bytes) -> Json:
    learnt = manifest.training_data_sha256
    told: Json = {
        "modelParameters": {
            "task": manifest.task,
            "modelArchitecture": manifest.estimator,
            "inputs": [{"format": _format(spec)} for spec in manifest.inputs],
            "outputs": [{"format": _format(spec)} for spec in manifest.outputs],
            **({"datasets": [{"ref": _DATA}]} if learnt else {}),
        },
        "quantitativeAnalysis": {
            "performanceMetrics": [
                {"type": name, "value": repr(value), "slice": "held-out rows"}
                for name, value in sorted(manifest.metrics.items())
            ]
        },
    }
    if manifest.task != "other":
        told["modelParameters"]["approach"] = {"type": "supervised"}
    if points := limits(card):
        told["considerations"] = {"technicalLimitations": points}
    return told


def _format(spec: TensorSpec) -> str:
    return f"{spec.name}: {spec.datatype} {list(spec.shape)}"


def _properties(manifest: Manifest) -> list[Json]:
    source = manifest.source
    told = {
        "wherry:variant": manifest.variant,
        "wherry:parity:rows": str(manifest.parity.rows),
        "wherry:parity:label_agreement": repr(manifest.parity.label_agreement),
        "wherry:parity:max_absolute_error": repr(manifest.parity.max_absolute_error),
        "wherry:source:kind": source.kind if source else "",
        "wherry:source:file": source.file if source else "",
        "wherry:source:sha256": (source.sha256 if source else None) or "",
    }
    return [{"name": name, "value": value} for name, value in told.items() if value]


def _licence(text: str) -> Json:
    if is_supported_id(text):
        return {"license": {"id": text}}
    return {"expression": text} if is_expression(text) else {"license": {"name": text}}


def _library(name: str, version: str) -> Json:
    reference = PackageURL("pypi", name=name, version=version).to_string()
    told = {"type": "library", "bom-ref": reference, "purl": reference}
    return {**told, "name": name, "version": version}


def _file(name: str, data: bytes) -> Json:
    return {
        "type": "file",
        "bom-ref": f"file:{name}",
        "name": name,
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(data).hexdigest()}],
    }


def _data(manifest: Manifest) -> list[Json]:
    """What the model learnt from, by its digest; the rows themselves are in no artifact."""
    if manifest.training_data_sha256 is None:
        return []
    return [
        {
            "type": "data",
            "bom-ref": _DATA,
            "name": f"training data of {manifest.model}",
            "hashes": [{"alg": "SHA-256", "content": manifest.training_data_sha256}],
            "data": [{"type": "dataset"}],
        }
    ]
