"""[image] and [pipeline] of a model.toml: what they mean, and how each mistake is told."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models.preparation.config import read_config
from models.preparation.steps.config import ImageTable
from models.preparation.steps.pipeline import Steps
from tests.support.models import CONFIG, a_model
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec
from wherry.media.spec import ImageSpec

MODEL = '[model]\nname = "apples"\ntask = "classification"\n'
IMAGE = "[image]\nwidth = 6\nheight = 4\n"


def steps(root: Path, text: str) -> Steps:
    return read_config(a_model(root, {"model.toml": text})).steps


def pre(keys: str) -> str:
    return f"{CONFIG}[[pipeline.pre]]\n{keys}\n"


def post(keys: str, task: str = "classification") -> str:
    return f"{CONFIG.replace('classification', task)}[[pipeline.post]]\n{keys}\n"


def test_without_tables_a_model_takes_its_columns_as_they_are(tmp_path: Path) -> None:
    told = steps(tmp_path, CONFIG)

    assert not told
    assert told.tensor(2) == TensorSpec("features", "FP32", (-1, 2))
    assert told.image is None


@pytest.mark.parametrize(("mode", "channels"), [("L", ()), ("RGB", (3,))])
def test_an_image_is_a_row_of_eight_bit_levels(
    tmp_path: Path, mode: str, channels: tuple[int, ...]
) -> None:
    told = steps(tmp_path, f'{MODEL}{IMAGE}mode = "{mode}"\n')

    assert told.input == TensorSpec("image", "UINT8", (-1, 4, 6, *channels))
    assert told.image == ImageSpec(input="image", width=6, height=4, mode=mode)  # type: ignore[arg-type]


def test_an_image_may_fill_another_input_of_its_size(tmp_path: Path) -> None:
    table = '[pipeline.input]\nname = "pixels"\nshape = [24]\n'

    told = steps(tmp_path, f'{MODEL}{IMAGE}mode = "L"\n{table}')

    assert told.input == TensorSpec("pixels", "FP32", (-1, 24))
    assert told.image is not None
    assert told.image.input == "pixels"


def test_the_steps_run_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = """
[[pipeline.pre]]
kind = "impute"
value = [1, 2]
[[pipeline.pre]]
kind = "scale"
multiply = 10
[[pipeline.pre]]
kind = "one_hot"
column = 1
categories = [20, 30]
"""

    told = steps(tmp_path, CONFIG + text)

    assert told.before(np.array([[np.nan, np.nan], [4, 3]])).tolist() == [[10, 1, 0], [40, 0, 1]]
    assert told.imputes


def test_the_image_table_and_the_manifest_hold_the_same_keys_and_defaults() -> None:
    spec = msgspec.structs.fields(ImageSpec)
    defaults = {each.name: each.default for each in spec if each.name != "input"}
    table: dict[str, Any] = {
        name: msgspec.NODEFAULT if info.is_required() else info.default
        for name, info in ImageTable.model_fields.items()
    }

    assert table | {"formats": tuple(table["formats"])} == defaults


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{CONFIG}[pipeline]\nprae = []\n", "pipeline.prae: no such table. Allowed: input, pre"),
        (f"{CONFIG}[pipeline.pre]\n", r"pipeline.pre: {} is no table. Write it as \[\[pipeline"),
        (pre("multiply = 2"), r"\[pipeline.pre 1\] kind: it is missing. Allowed: scale, normalize"),
        (pre('kind = "zoom"'), "kind: 'zoom' is not allowed. Allowed: scale, normalize, impute"),
        (pre('kind = "scale"\ntimes = 2'), "times: no such key. Allowed: kind, multiply, add"),
        (pre('kind = "scale"\nadd = "1"'), "add: '1' is not allowed. Give a number, or a list"),
        (pre('kind = "scale"\nadd = nan'), "add: nan is not allowed. Give finite numbers"),
        (pre('kind = "scale"\nadd = []'), "Give a number, or a list with one for each column"),
        (pre('kind = "scale"\nadd = [1, 2, 3]'), r"\[pipeline.pre 1\]: 3 numbers for 2 columns"),
        (pre('kind = "normalize"\nmean = 1\nstd = [1, 0]'), "std: .* is not allowed. Give no 0"),
        (pre('kind = "one_hot"\ncolumn = 2\ncategories = [1]'), "pre 1]: there is no column 2"),
        (pre('kind = "resize"\nheight = 1\nwidth = 1'), "an image has a height and a width"),
        (pre('kind = "softmax"'), "'softmax' is not allowed. Allowed: scale, normalize"),
        (post('kind = "impute"'), "'impute' is not allowed. Allowed: scale, softmax, argmax"),
        (post('kind = "argmax"', "regression"), "'argmax' is for classifications. Allowed: scale"),
        (post('kind = "threshold"\nof = "yes"'), r"\[pipeline.post 1\] at: it is missing"),
        (
            post('kind = "threshold"\nof = 1.5\nat = 0.5'),
            r"post 1\] of: 1.5 is not allowed. Give text",
        ),
        (f"{CONFIG}[pipeline.input]\nshape = [3]\n", "2 columns are described, and a row of 'feat"),
        (f"{MODEL}[pipeline.input]\nshape = [0]\n", "shape.0: 0 is not allowed. Give 1 or more"),
        (f"{MODEL}[pipeline.input]\nshape = []\n", r"shape: \[\] is not allowed"),
        (f'{MODEL}[pipeline.input]\nshape = [1]\nname = "label"\n', "'label' is not allowed"),
        (f'{MODEL}[pipeline.input]\nshape = [1]\ndatatype = "TEXT"\n', "datatype: 'TEXT' is not"),
        (f"{MODEL}[image]\nwidth = 8\n", r"\[image\] height: it is missing"),
        (f'{MODEL}{IMAGE}mode = "RGBA"\n', "mode: 'RGBA' is not allowed. Allowed: 'L' or 'RGB'"),
        (f'{MODEL}{IMAGE}formats = ["GIF"]\n', "formats.0: 'GIF' is not allowed. Allowed: 'JPEG'"),
        (f"{MODEL}{IMAGE}max_pixels = 1e9\n", "max_pixels: 1000000000.0 is not allowed"),
        (f"{MODEL}{IMAGE}[pipeline.input]\nshape = [24]\n", r"does not fill a row of \[24\]"),
    ],
)
def test_each_mistake_is_told_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        steps(tmp_path, text)

    assert caught.value.where.startswith(str(tmp_path / "apples" / "model.toml"))
