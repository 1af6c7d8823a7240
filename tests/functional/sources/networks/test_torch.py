"""Networks of PyTorch: what its files hold is asked and converted alike, or refused with words."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from models.preparation.sources.options import Options
from models.preparation.sources.remote import opened_file
from models.preparation.sources.source import Task
from tests.functional.sources.networks.contract import (
    HERE,
    PATHS,
    images,
    keeps_the_contract,
)
from tests.support.sources import needs_source
from wherry.errors import ConfigurationError, UnsafeError
from wherry.manifest import TensorSpec

TABLE = images(5, (4,))
WORDS = np.random.default_rng(0).integers(0, 20, (5, 7))
DIGITS = tuple("abcdefghij")
IMAGE = TensorSpec("photo", "FP32", (-1, 1, 8, 8))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("torch")
    done = subprocess.run(
        [str(needs_source("torch")), str(HERE / "torch_models.py"), str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(PATHS)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


def test_images_are_told_apart_as_before_without_dropout_and_normalization(files: Path) -> None:
    options = Options(task="classification", labels=DIGITS)

    with opened_file(files / "cnn.pt2", options=options) as source:
        model = keeps_the_contract(source, {"image": images()})
        facts = source.facts

    assert facts.family == "network"
    assert facts.labels == list(DIGITS)
    assert {"torch", "onnxscript", "onnx"} <= facts.libraries.keys()
    assert not {"Dropout", "BatchNormalization"} & {each.op_type for each in model.graph.node}


def test_the_same_file_gives_the_same_bytes_in_another_process(files: Path) -> None:
    made = []
    for _ in range(2):
        with opened_file(files / "cnn.pt2", options=Options(task="classification")) as source:
            made.append(source.convert())

    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("file", "task", "feeds", "outputs"),
    [
        ("bytes.pt2", "classification", {"image": (images() * 50).astype(np.uint8)}, 10),
        ("words.pt2", "classification", {"tokens": WORDS}, 3),
        ("one.pt2", "regression", {"features": TABLE}, 1),
        ("one.pt2", "classification", {"features": TABLE}, 2),
        ("chance.pt2", "classification", {"features": TABLE}, 2),
        ("fixed.pt2", "classification", {"image": images()}, 10),
    ],
)
def test_networks_of_other_kinds_keep_the_contract(
    files: Path, file: str, task: Task, feeds: dict[str, np.ndarray], outputs: int
) -> None:
    with opened_file(files / file, options=Options(task=task)) as source:
        keeps_the_contract(source, feeds)

        assert source.facts.outputs[-1].shape == (-1, outputs)


def test_a_sigmoid_s_column_is_the_probability_of_the_second_label(files: Path) -> None:
    options = Options(labels=("no", "yes"))

    with opened_file(files / "chance.pt2", options=options) as source:
        told = source.answer({"features": TABLE})

    assert np.allclose(told["probabilities"].sum(axis=1), 1)
    assert told["label"].tolist() == [
        "yes" if second > 0.5 else "no" for _, second in told["probabilities"]
    ]


def test_answers_by_name_keep_their_names(files: Path) -> None:
    with opened_file(files / "several.pt2", options=Options(task="other")) as source:
        keeps_the_contract(source, {"features": TABLE})

        assert [each.name for each in source.facts.outputs] == ["score", "label"]


def test_torchscript_is_taken_with_the_inputs_that_are_declared(files: Path) -> None:
    options = Options(task="classification", inputs=(IMAGE,))

    with opened_file(files / "script.pt", options=options) as source:
        keeps_the_contract(source, {"photo": images()})

        assert source.facts.estimator == "Cnn"


@pytest.mark.parametrize(
    ("file", "told", "todo"),
    [
        ("script.pt", "TorchScript does not say what it takes", "Declare them"),
        ("learning.pt2", "exported in training mode (aten.batch_norm", "Call `module.eval()`"),
        ("mixed.pt2", "it takes just 2 at once", "dynamic_shapes"),
        ("weights.pt", "holds weights without the network", "torch.export.save"),
    ],
)
def test_what_cannot_be_a_model_is_refused_with_what_to_do(
    files: Path, file: str, told: str, todo: str
) -> None:
    options = Options(task="other" if file == "mixed.pt2" else "classification")

    with pytest.raises(ConfigurationError) as refused, opened_file(files / file, options=options):
        pass

    assert told in refused.value.what
    assert todo in refused.value.todo


def test_a_pickled_module_is_refused_by_the_name_of_its_class(files: Path) -> None:
    with (
        pytest.raises(UnsafeError, match=r"a pickle of __main__\.Cnn") as refused,
        opened_file(files / "module.pt", options=Options(task="classification")),
    ):
        pass

    assert "return the module from train.py" in refused.value.todo
