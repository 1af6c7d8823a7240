"""Declared steps of a model of images: what they make of pixels, and what no client could send."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.apples import Apples
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

IMAGES = """
[model]
name = "apples"
task = "regression"

[prepare]
tolerance = 3e-5 # of black, far from all that was learnt: float32 summed in another order

[image]
width = 8
height = 6

[[pipeline.pre]]
kind = "normalize"
mean = [124, 116, 104]
std = [58, 57, 57]

[[pipeline.pre]]
kind = "resize"
height = 3
width = 4

[[pipeline.pre]]
kind = "flatten"

[[pipeline.post]]
kind = "scale"
multiply = 100
"""

# How bright a photograph is.
BRIGHTNESS = """
import numpy as np
from sklearn.linear_model import Ridge

from models.preparation import Trained, steps_of


def train() -> Trained:
    steps = steps_of(__file__)
    random = np.random.default_rng(0)
    X = random.integers(0, 256, (120, 6, 8, 3)).astype(np.uint8)
    y = X.mean(axis=(1, 2, 3)) / 255
    return Trained(
        estimator=Ridge().fit(steps.before(X[:100]), y[:100]),
        X_train=X[:100], y_train=y[:100], X_held_out=X[100:], y_held_out=y[100:],
    )
"""
BLACK: list[Any] = [[[[0] * 3] * 8] * 6]
BRIGHT = {
    "model.toml": IMAGES,
    "train.py": BRIGHTNESS,
    "golden.json": json.dumps(
        {
            "examples": [
                {
                    "name": "black",
                    "inputs": {"image": BLACK},
                    "expect": {"prediction": [[0.0]]},
                    "tolerance": 25,
                }
            ]
        }
    ),
}


def test_images_of_colour_go_through_normalize_resize_and_flatten(tmp_path: Path) -> None:
    manifest = Apples(tmp_path, **BRIGHT).prepare().manifest

    assert manifest.inputs == (TensorSpec("image", "UINT8", (-1, 6, 8, 3)),)
    assert manifest.image is not None
    assert manifest.parity.max_absolute_error < 3e-5
    assert manifest.metrics["r2"] > 0.9
    assert 0.001 < manifest.metrics["mean_absolute_error"] < 1  # per cent, as the answers are


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("train.py", "X_held_out=X[100:]", "X_held_out=X[100:, :4]", r"X_held_out is uint8 \[20"),
        ("train.py", "X_train=X[:100]", "X_train=X[:100] / 255", "X_train is float64 .*UINT8"),
        ("train.py", "X_train=X[:100]", "X_train=-1.0 * X[:100]", "X_train is float64 .*UINT8"),
        ("train.py", "X_train=X[:100]", "X_train=X[:100] * np.nan", "X_train is float64 .*UINT8"),
        ("train.py", "X_train=X[:100]", "X_train=X[:100].astype(int) + 1", "X_train is int64 .*U"),
    ],
)
def test_rows_that_no_client_could_send_are_told(
    tmp_path: Path, file: str, old: str, new: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        Apples(tmp_path, **BRIGHT | {file: BRIGHT[file].replace(old, new)})


def test_steps_that_make_no_columns_are_told(tmp_path: Path) -> None:
    apples = Apples(tmp_path, **BRIGHT)
    (apples.folder / "model.toml").write_text(IMAGES.replace('"flatten"', '"scale"'))

    with pytest.raises(
        ConfigurationError, match=r"rows of \[3, 4, 3\], and an estimator takes col"
    ):
        apples.prepare()
