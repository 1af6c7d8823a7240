"""A large tensor, 150,528 numbers (a picture of 224 by 224), as bytes and as JSON."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from onnx import helper

from tests.bench.child import told_by
from tests.bench.report import Row, Section, shown, timed
from tests.bench.subject import Subject
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.services import published
from wherry.artifact import Artifact

TITLE = "Large tensors"
CALLS, TRIES = 20, 12
BYTES_ABOVE_LEAST = 1e-3
JSON_OF_LEAST = 1.2
WAYS = ("in", "in and out")
NOTES = (
    "150,528 FP32 through the handler, in a REST API's event whose body is base64; `in` answers one"
    f" number, `in and out` the tensor itself. The median of {CALLS} calls, the best of {TRIES}"
    " tries, by turns. The least for bytes: base64 and a copy, each way; for JSON: base64, orjson"
    " and NumPy. Both run the same model by the same session."
)


def picture() -> Artifact:
    """A model that does next to nothing: `mean` of the pixels, or the `same` pixels."""
    shape = (-1, 3, 224, 224)
    inputs = [spec("pixels", "FP32", shape)]
    outputs = [spec("mean", "FP32", (-1, 1, 1, 1)), spec("same", "FP32", shape)]
    nodes = [
        helper.make_node("ReduceMean", ["pixels", "axes"], ["mean"]),
        helper.make_node("Identity", ["pixels"], ["same"]),
    ]
    model = onnx_model(nodes, inputs, outputs, {"axes": [1, 2, 3]})
    return sealed(model, inputs, outputs, name="picture")


def measure(*, calls: int = CALLS, tries: int = TRIES) -> Mapping[str, float]:
    """The best of each, in seconds."""
    with TemporaryDirectory() as folder:
        release = published(Path(folder) / "store", picture())
        told = told_by("tensors", str(calls), str(tries), release=release)
    return {name: min(times) for name, times in told.items()}


def section(_: Subject) -> Section:
    found = measure()
    rows = []
    for way in WAYS:
        ours, least = found[f"bytes {way}"], found[f"bytes {way}, least"]
        rows.append(timed(f"bytes {way}", ours, "least", least, unit="ms"))
        rows.append(
            Row(
                f"bytes {way}, above the least",
                shown(ours - least, "ms"),
                f"{shown(BYTES_ABOVE_LEAST, 'ms')} allowed",
                (ours - least) / BYTES_ABOVE_LEAST,
                1.0,
            )
        )
    for way in WAYS:
        ours, least = found[f"JSON {way}"], found[f"JSON {way}, least"]
        rows.append(timed(f"JSON {way}", ours, "least", least, unit="ms", goal=JSON_OF_LEAST))
    return Section("tensors", TITLE, NOTES, rows)
