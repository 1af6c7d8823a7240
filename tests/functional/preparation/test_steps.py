"""A model between its declared steps: one graph, proven whole, and never against stale settings."""

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from models.preparation.config import read_config
from models.preparation.parity import prove
from models.preparation.parity.gates import Gates
from models.preparation.preparing import prepare, prepared
from models.preparation.sources.estimators import EstimatorSource
from models.preparation.training import read_training
from tests.support.apples import CONFIG, FILES, Apples
from tests.support.models import a_model
from wherry.artifact import Artifact
from wherry.errors import ConfigurationError, ParityError, RefusedError, UsageError, WherryError
from wherry.manifest import TensorSpec
from wherry.release import Release
from wherry.service import Service


@pytest.fixture(scope="module")
def apples(tmp_path_factory: pytest.TempPathFactory) -> Apples:
    return Apples(tmp_path_factory.mktemp("apples"))


@pytest.fixture(scope="module")
def artifact(apples: Apples) -> Artifact:
    return apples.prepare()


def test_the_manifest_tells_what_the_whole_takes_and_gives(artifact: Artifact) -> None:
    manifest = artifact.manifest

    assert manifest.inputs == (TensorSpec("features", "FP32", (-1, 3)),)
    assert [(each.name, each.datatype) for each in manifest.outputs] == [
        ("label", "BYTES"), ("probabilities", "FP32"),
    ]  # fmt: skip
    assert manifest.labels == ("keep", "throw away")
    assert manifest.imputes
    assert manifest.parity.rows == 100


def test_the_whole_is_one_graph_with_the_names_of_the_protocol(artifact: Artifact) -> None:
    model = onnx.load_from_string(artifact.files["model.onnx"])

    onnx.checker.check_model(model, full_check=True)
    assert [each.name for each in model.graph.input] == ["features"]
    assert [each.name for each in model.graph.output] == ["label", "probabilities"]
    assert model.ir_version == 10
    assert {each.domain: each.version for each in model.opset_import} == {"": 18, "ai.onnx.ml": 3}
    assert len(model.opset_import) == 2


def test_a_client_sends_rows_as_they_are_holes_and_all(artifact: Artifact) -> None:
    service = Service(artifact, Release("apples", 1, "local", artifact.digest))

    answers = service.predict({"features": [[9, np.nan, 0.5], [2, 1, np.nan]]})

    assert answers["label"].tolist() == ["throw away", "keep"]


def test_onnx_itself_reads_the_graph_as_onnx_runtime_does(
    apples: Apples, artifact: Artifact
) -> None:
    with np.load(apples.build / "held_out.npz") as kept:
        rows = kept["X"]
    service = Service(artifact, Release("apples", 1, "local", artifact.digest))

    model = ReferenceEvaluator(onnx.load_from_string(artifact.files["model.onnx"]))
    label, probabilities = map(np.asarray, model.run(None, {"features": rows}))

    told = service.predict({"features": rows})
    assert label.tolist() == told["label"].tolist()
    np.testing.assert_allclose(probabilities, told["probabilities"], atol=1e-5)


def test_the_accuracy_is_that_of_the_final_answers(apples: Apples, artifact: Artifact) -> None:
    with np.load(apples.build / "held_out.npz") as kept:
        rows, truth = kept["X"], np.array(["keep", "throw away"])[kept["y"]]
    service = Service(artifact, Release("apples", 1, "local", artifact.digest))

    told = service.predict({"features": rows})["label"]

    assert apples.record.metrics["accuracy"] == np.mean(told == truth)


def test_the_certificate_tells_what_was_compared(apples: Apples, artifact: Artifact) -> None:
    told = json.loads(artifact.files["parity.json"])

    assert told["steps"] == read_config(apples.folder).steps.told()
    assert [each["kind"] for each in told["steps"]["pre"]] == ["impute", "normalize", "one_hot"]
    assert told["total"]["label_agreement"] == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("value = [5, 1, 0]", "value = [6, 1, 0]"),
        ("at = 0.3", "at = 0.4"),
        ('"throw away"', '"bin"'),
        ("[[pipeline.pre]]", '[pipeline.input]\nname = "apple"\nshape = [3]\n[[pipeline.pre]]'),
    ],
)
def test_steps_that_were_changed_after_preparing_must_be_prepared_again(
    apples: Apples, artifact: Artifact, tmp_path: Path, old: str, new: str
) -> None:
    assert prepared(apples.folder, apples.build) == artifact
    changed = a_model(tmp_path, FILES | {"model.toml": CONFIG.replace(old, new, 1)})

    with pytest.raises(UsageError, match="changed after the model was prepared"):
        prepared(changed, apples.build)


@pytest.mark.parametrize(
    ("old", "new", "error", "told"),
    [
        ("of = 1\n", "of = 7\n", ConfigurationError, r"post 1\]: of = 7 is no label; .* has 0, 1"),
        ("0 = ", "2 = ", ConfigurationError, r"post 2\]: names must name each label once"),
        ('"throw away"', '"keep"', ConfigurationError, "different names"),
        ('"throw away"', "7", ConfigurationError, "all text or all whole numbers"),
        ("[1, 2, 3]", "[1, 2]", ConfigurationError, "4 columns, and the estimator learnt 5"),
        ("at = 0.3", "at = 1.1", RefusedError, "light and young"),
    ],
)
def test_steps_that_do_not_fit_the_estimator_are_told(
    apples: Apples, tmp_path: Path, old: str, new: str, error: type[WherryError], told: str
) -> None:
    changed = a_model(tmp_path, FILES | {"model.toml": CONFIG.replace(old, new, 1)})

    with pytest.raises(error, match=told):
        prepare(changed, apples.build)


def test_a_graph_whose_steps_are_not_those_of_numpy_is_refused(
    apples: Apples, tmp_path: Path
) -> None:
    """As a change of one of the two would be: here, of a threshold after conversion."""
    steps = read_config(apples.folder).steps
    other = a_model(tmp_path, FILES | {"model.toml": CONFIG.replace("0.3", "0.7")})
    other_steps = read_config(other).steps
    with np.load(apples.build / "held_out.npz") as kept:
        rows = kept["X"]
    estimator = read_training("apples", apples.build).estimator
    model = apples.prepare().files["model.onnx"]

    source = EstimatorSource(estimator, columns=steps.before(rows[:1]).shape[1])
    feeds = {steps.tensor(rows.shape[1]).name: rows}

    prove(source, model, feeds, gates=Gates.of("trees"), steps=steps)
    with pytest.raises(ParityError, match="labels agree"):
        prove(source, model, feeds, gates=Gates.of("trees"), steps=other_steps)
