"""
What is served here, as the protocol tells it: the server, the model, its configuration, its counts.

Pure: from the manifest, the release, the limits and the counters to what becomes JSON. Only
extensions that work are named.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from wherry import __version__
from wherry.limits import Limits
from wherry.manifest import Manifest, TensorSpec
from wherry.protocol.statistics import Stages, Statistics
from wherry.release import Release

PLATFORM = "onnx_onnxv1"
EXTENSIONS = ("binary_tensor_data", "model_configuration", "parameters", "statistics")

_IN_CONFIG = {"BYTES": "TYPE_STRING"}

Told = Mapping[str, Any]


def server() -> Told:
    """Of `GET /v2`."""
    return {"name": "wherry", "version": __version__, "extensions": EXTENSIONS}


def model(release: Release, manifest: Manifest) -> Told:
    """Of `GET /v2/models/{model}`."""
    return {
        "name": release.model,
        "versions": [str(release.version)],
        "platform": PLATFORM,
        "inputs": [_tensor(spec) for spec in manifest.inputs],
        "outputs": [_tensor(spec) for spec in manifest.outputs],
    }


def config(release: Release, manifest: Manifest, limits: Limits) -> Told:
    """Of `GET …/config`, in the shape of the extension; our own facts are its parameters."""
    facts = {"digest": release.digest, "release": release.name, **msgspec.structs.asdict(limits)}
    return {
        "name": release.model,
        "platform": PLATFORM,
        "version_policy": {"specific": {"versions": [release.version]}},
        "max_batch_size": 0,  # the batch is a dimension like any other
        "input": [_configured(spec) for spec in manifest.inputs],
        "output": [_configured(spec) for spec in manifest.outputs],
        "parameters": {name: {"string_value": str(value)} for name, value in facts.items()},
    }


def stats(release: Release, statistics: Statistics) -> Told:
    """Of `GET …/stats`: this process's own counts."""
    total = statistics.total
    told = {
        "name": release.model,
        "version": str(release.version),
        "last_inference": statistics.last_ms,
        "inference_count": total.rows,
        "execution_count": total.count,
        "inference_stats": {
            "success": _duration(total.count, total.input_ns + total.infer_ns + total.output_ns),
            "fail": _duration(statistics.failed, statistics.failed_ns),
            "queue": _duration(total.count, 0),
            **_stages(total),
            "cache_hit": _duration(0, 0),
            "cache_miss": _duration(0, 0),
        },
        "batch_stats": [
            {"batch_size": rows, **_stages(stages)}
            for rows, stages in sorted(statistics.by_rows.items())
        ],
    }
    return {"model_stats": [told]}


def _tensor(spec: TensorSpec) -> Told:
    return {"name": spec.name, "datatype": spec.datatype, "shape": spec.shape}


def _configured(spec: TensorSpec) -> Told:
    datatype = _IN_CONFIG.get(spec.datatype, f"TYPE_{spec.datatype}")
    return {"name": spec.name, "data_type": datatype, "dims": spec.shape}


def _stages(stages: Stages) -> Told:
    return {
        "compute_input": _duration(stages.count, stages.input_ns),
        "compute_infer": _duration(stages.count, stages.infer_ns),
        "compute_output": _duration(stages.count, stages.output_ns),
    }


def _duration(count: int, nanoseconds: int) -> Told:
    return {"count": count, "ns": nanoseconds}
