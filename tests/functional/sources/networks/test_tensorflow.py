"""
Networks of Keras 3 and TensorFlow: asked and converted alike, or refused with words.

The environment is large, so it is made on demand; then these run:
`make source-tensorflow && .venv/bin/pytest tests/functional/sources/networks/test_tensorflow.py`.
"""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.preparation.sources.kinds import Kind
from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from models.preparation.sources.source import Task
from tests.functional.sources.networks.contract import HERE, images, keeps_the_contract
from tests.support.sources import needs_source
from wherry.errors import ConfigurationError, UnsafeError

IMAGES = images(5, (8, 8, 1))
WORDS = np.random.default_rng(0).integers(0, 20, (5, 7))
TABLE = images(5, (3,))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tensorflow")
    done = subprocess.run(
        [str(needs_source("tensorflow")), str(HERE / "tensorflow_models.py"), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("file", ["cnn.keras", "saved"])
def test_images_are_told_apart_as_before_by_the_same_bytes_each_time(
    files: Path, file: str
) -> None:
    labels, made = tuple("abcde"), []
    for _ in range(2):
        with opened_file(files / file, options=Options(labels=labels)) as source:
            model = keeps_the_contract(source, {"image": IMAGES})
            facts = source.facts
            made.append(source.convert())

    assert made[0] == made[1]
    assert facts.family == "network"
    assert facts.labels == list(labels)
    assert {"tensorflow-cpu", "keras", "tf2onnx"} <= facts.libraries.keys()
    assert not {"Dropout", "BatchNormalization"} & {each.op_type for each in model.graph.node}


@pytest.mark.parametrize(
    ("file", "task", "feeds"),
    [
        ("words.keras", "classification", {"tokens": WORDS}),
        ("two.keras", "regression", {"first": TABLE, "second": TABLE[:, :2]}),
        ("two.keras", "classification", {"first": TABLE, "second": TABLE[:, :2]}),
    ],
)
def test_networks_of_other_kinds_keep_the_contract(
    files: Path, file: str, task: Task, feeds: dict[str, np.ndarray]
) -> None:
    with opened_file(files / file, options=Options(task=task)) as source:
        keeps_the_contract(source, feeds)


def test_a_gap_stays_one_through_layers_that_tensorflow_would_fuse(files: Path) -> None:
    with opened_file(files / "dense.keras", options=Options(task="classification")) as source:
        told = source.answer({"features": np.full((1, 4), np.nan, np.float32)})

        assert np.isnan(told["probabilities"]).all()


@pytest.mark.parametrize(
    ("file", "kind", "told"),
    [("lambda.keras", "keras", "Lambda"), ("old.h5", "keras", "only `.keras` files are opened")],
)
def test_what_could_run_code_is_refused(files: Path, file: str, kind: Kind, told: str) -> None:
    with (
        pytest.raises(UnsafeError) as refused,
        opened_file(files / file, kind, Options(task="other")),
    ):
        pass

    assert told in refused.value.what


def test_of_several_signatures_none_is_chosen(files: Path) -> None:
    with (
        pytest.raises(ConfigurationError, match="it has: a, b") as refused,
        opened_file(files / "several", options=Options(task="other")),
    ):
        pass

    assert "tf.saved_model.save" in refused.value.todo
