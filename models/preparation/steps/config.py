"""
[image], [pipeline.input], [[pipeline.pre]] and [[pipeline.post]] of a model.toml.

Where the file tells the shape of a row, the steps are tried on one, so that what cannot be done is
told before anything is trained.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field

from models.preparation.steps.answers import Argmax, LabelMap, Threshold
from models.preparation.steps.images import Flatten, Resize
from models.preparation.steps.numbers import Impute, Normalize, OneHot, Scale, Softmax
from models.preparation.steps.pipeline import INPUT, PostStep, PreStep, Steps
from models.preparation.tables import Strict, must_be, table
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec
from wherry.media.images import row_shape
from wherry.media.spec import (
    FORMATS,
    MAX_BYTES,
    MAX_PIXELS,
    PILLOW_TAKES,
    Fit,
    Format,
    ImageSpec,
    Mode,
    Resample,
)

PRE: dict[str, type[PreStep]] = {
    "scale": Scale, "normalize": Normalize, "impute": Impute, "one_hot": OneHot,
    "resize": Resize, "flatten": Flatten,
}  # fmt: skip
POST: dict[str, type[PostStep]] = {
    "scale": Scale, "softmax": Softmax, "argmax": Argmax, "threshold": Threshold,
    "label_map": LabelMap,
}  # fmt: skip
LISTS: dict[str, dict[str, Any]] = {"pre": PRE, "post": POST}
OUTPUTS = ("label", "probabilities", "prediction")
OPEN = -1


def _size(size: int) -> int:
    if size < 1 and size != OPEN:
        raise ValueError("Give 1 or more, or -1 where it varies")
    return size


def _name(name: str) -> str:
    if name in OUTPUTS:
        raise ValueError(f"{', '.join(OUTPUTS)} are outputs")
    return name


class InputTable(Strict):
    """[pipeline.input]: what a client sends."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_name)] = INPUT
    datatype: Literal[
        "BOOL", "UINT8", "UINT16", "UINT32", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32",
        "FP64",
    ] = "FP32"  # fmt: skip
    shape: list[Annotated[int, AfterValidator(_size)]] = Field(min_length=1, max_length=5)


class ImageTable(Strict):
    """[image]: what an image file becomes. Its keys are those of ImageSpec, but for `input`."""

    width: int = Field(ge=1, le=4096)
    height: int = Field(ge=1, le=4096)
    mode: Mode = "RGB"
    fit: Fit = "stretch"
    resample: Resample = "bilinear"
    background: int = Field(default=255, ge=0, le=255)
    trim: int = Field(default=0, ge=0, le=255)
    formats: list[Format] = Field(default=list(FORMATS), min_length=1)
    max_bytes: int = Field(default=MAX_BYTES, ge=1)
    max_pixels: int = Field(default=MAX_PIXELS, ge=1, le=PILLOW_TAKES)


def read_steps(path: Path, told: dict[str, Any], columns: int, task: str) -> Steps:
    """Of the whole file; `columns` is how many [[features]] there are."""
    pipeline = must_be(dict, path, "pipeline", told.get("pipeline", {}))
    image = table(ImageTable, path, "image", told["image"]) if "image" in told else None
    tensor = _input(path, pipeline, image)
    steps = Steps(
        path=path,
        input=tensor,
        image=_image(path, image, tensor),
        pre=_list(path, "pre", pipeline),
        post=_list(path, "post", pipeline),
    )
    _check_columns(steps, columns)
    _try(steps, columns, task)
    return steps


def _input(path: Path, pipeline: dict[str, Any], image: ImageTable | None) -> TensorSpec | None:
    if "input" in pipeline:
        told = table(InputTable, path, "pipeline.input", pipeline["input"])
        return TensorSpec(told.name, told.datatype, (OPEN, *told.shape))
    if image is not None:
        channels = () if image.mode == "L" else (3,)
        return TensorSpec("image", "UINT8", (OPEN, image.height, image.width, *channels))
    return None


def _image(path: Path, told: ImageTable | None, tensor: TensorSpec | None) -> ImageSpec | None:
    if told is None or tensor is None:
        return None
    keys = told.model_dump() | {"formats": tuple(told.formats), "input": tensor.name}
    spec = ImageSpec(**keys)
    if row_shape(spec, tensor.shape) is None:
        raise ConfigurationError(
            f"{path}: [pipeline.input] shape",
            f"an image of {list(spec.shape)} does not fill a row of {list(tensor.shape[1:])}",
            f"Write shape = {list(spec.shape)}, or leave [pipeline.input] out.",
        )
    return spec


def _list(path: Path, name: str, pipeline: dict[str, Any]) -> tuple[Any, ...]:
    kinds = LISTS[name]
    steps = []
    for number, row in enumerate(
        must_be(list, path, f"pipeline.{name}", pipeline.get(name, [])), 1
    ):
        where = f"pipeline.{name} {number}"
        kind = must_be(dict, path, where, row).get("kind")
        if kind not in kinds:
            raise ConfigurationError(
                f"{path}: [{where}] kind",
                "it is missing" if kind is None else f"{kind!r:.80} is not allowed",
                f"Allowed: {', '.join(kinds)}.",
            )
        steps.append(table(kinds[kind], path, where, row))
    return tuple(steps)


def _check_columns(steps: Steps, columns: int) -> None:
    """[[features]] describe the columns of a table, and of nothing else."""
    if columns and steps.input is not None and steps.input.shape[1:] not in ((columns,), (OPEN,)):
        raise ConfigurationError(
            f"{steps.path}: [[features]]",
            f"{columns} columns are described, and a row of {steps.input.name!r} is "
            f"{list(steps.input.shape[1:])}",
            "Describe each column of a table, or none.",
        )


def _try(steps: Steps, columns: int, task: str) -> None:
    row = steps.input.shape[1:] if steps.input is not None else (columns or OPEN,)
    if OPEN not in row:
        steps.before(np.zeros((1, *row)))
    for number, step in enumerate(steps.post, 1):
        if task == "regression" and not isinstance(step, Scale):
            raise ConfigurationError(
                f"{steps.path}: [pipeline.post {number}] kind",
                f"{step.kind!r} is for classifications",
                "Allowed: scale.",
            )
