"""Tiny models whose plain rows and answers have every form that plain predictions know."""

from io import BytesIO
from typing import Any

import msgspec
import numpy as np
from onnx import helper
from PIL import Image

from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.limits import Limits
from wherry.manifest import MODEL, Feature
from wherry.media.spec import ImageSpec
from wherry.plain import PlainPredictor

LABELS = ("no", "yes")


def classifier() -> Artifact:
    """`label` is `yes` where `weight` is over `size, in cm`; `probabilities` says how sure."""
    inputs = [spec("features", "FP32", (-1, 2))]
    outputs = [spec("label", "BYTES"), spec("probabilities", "FP32", (-1, 2))]
    nodes = [
        helper.make_node("Softmax", ["features"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["features"], ["place"], axis=1, keepdims=0),
        helper.make_node("Gather", ["names", "place"], ["label"]),
    ]
    model = onnx_model(nodes, inputs, outputs, {"names": np.array(LABELS, object)})
    features = [
        Feature(name="size, in cm", unit="cm", minimum=0, maximum=10, example=4.5),
        Feature(name="weight", example=3),
    ]
    artifact = sealed(model, inputs, outputs, name="apples", features=features)
    return _changed(artifact, task="classification", labels=LABELS)


def several(datatypes: dict[str, str]) -> Artifact:
    """One column of each datatype, by name, given back as `<name>_out`."""
    inputs = [spec(name, datatype, (-1, 1)) for name, datatype in datatypes.items()]
    outputs = [spec(f"{told.name}_out", told.datatype, told.shape) for told in inputs]
    nodes = [helper.make_node("Identity", [told.name], [f"{told.name}_out"]) for told in inputs]
    return sealed(onnx_model(nodes, inputs, outputs), inputs, outputs)


def imputing() -> Artifact:
    """`y` is `x`, and 7 where there is no number."""
    inputs, outputs = [spec("x")], [spec("y")]
    nodes = [
        helper.make_node("IsNaN", ["x"], ["missing"]),
        helper.make_node("Where", ["missing", "seven", "x"], ["y"]),
    ]
    seven = {"seven": np.array(7, np.float32)}
    return _changed(
        sealed(onnx_model(nodes, inputs, outputs, seven), inputs, outputs), imputes=True
    )


def namesakes() -> Artifact:
    """`y` is the sum of `a` and `b`, and a column of `b` is called `a` too."""
    inputs, outputs = (
        [spec("a", shape=(-1, 1)), spec("b", shape=(-1, 2))],
        [spec("y", shape=(-1, 2))],
    )
    model = onnx_model([helper.make_node("Add", ["a", "b"], ["y"])], inputs, outputs)
    return sealed(model, inputs, outputs, features=[Feature(name="a"), Feature(name="c")])


def of_images() -> Artifact:
    """`mean` is the mean level of an image of 2 x 3 pixels, grey."""
    inputs, outputs = [spec("pixels", "FP32", (-1, 2, 3))], [spec("mean")]
    axes = {"axes": np.array([1, 2], np.int64)}
    node = helper.make_node("ReduceMean", ["pixels", "axes"], ["mean"], keepdims=0)
    artifact = sealed(onnx_model([node], inputs, outputs, axes), inputs, outputs, name="images")
    image = ImageSpec(input="pixels", width=3, height=2, mode="L")
    return _changed(artifact, image=image)


def picture(kind: str) -> bytes:
    """An image file of six pixels of level 100, which is their mean."""
    file = BytesIO()
    Image.new("L", (3, 2), 100).save(file, kind)
    return file.getvalue()


def plain(artifact: Artifact, **limits: Any) -> PlainPredictor:
    """Answers plain requests of the artifact."""
    return PlainPredictor(service_of(artifact, limits=Limits(**limits)))


def _changed(artifact: Artifact, **told: Any) -> Artifact:
    manifest = msgspec.structs.replace(artifact.manifest, **told)
    return Artifact.seal(manifest, {MODEL: artifact.files[MODEL]})
