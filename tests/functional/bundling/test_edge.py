"""An edge bundle answers as the service does, where there is nothing but ONNX Runtime and NumPy."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.preparation.bundling.edge import edge_bundle
from models.preparation.bundling.examples import example_feeds, example_row
from tests.support.models import ROOT
from tests.support.onnx_models import every_datatype, lookup, scaled, two_inputs
from tests.support.plain_models import classifier, imputing, several
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.plain import PlainPredictor
from wherry.protocol.datatypes import NO_JSON, TO_NUMPY

LOCK = ROOT / "requirements/runtime.txt"
COLUMNS = {"age": "FP32", "plan": "BYTES", "calls": "INT64"}
PREDICT = """
import importlib.util, json, sys
from run import load
assert importlib.util.find_spec("wherry") is None
def bits(array):
    whole = array.dtype.kind == "O"
    return [str(array.dtype), array.shape, array.tolist() if whole else array.tobytes().hex()]
model = load(".", sys.argv[1])
told = [model.predict(inputs) for inputs in json.load(sys.stdin)]
assert not {"wherry", "onnx", "sklearn", "orjson", "msgspec"} & {*sys.modules}
print(json.dumps([{name: bits(array) for name, array in each.items()} for each in told]))
"""

Run = Callable[..., subprocess.CompletedProcess[str]]
Folder = Callable[[Artifact], Path]
Prepared = Callable[[str], Artifact]


def bits(array: np.ndarray[Any, Any]) -> list[Any]:
    told = array.tolist() if array.dtype.hasobject else array.tobytes().hex()
    return [str(array.dtype), list(array.shape), told]


def answers_alike(artifact: Artifact, folder: Path, bare: Run, file: str = "model.onnx") -> int:
    """How many requests were compared."""
    feeds = example_feeds(artifact)
    told = json.dumps([{name: array.tolist() for name, array in each.items()} for each in feeds])

    done = bare(folder, "-c", PREDICT, file, told=told)

    assert done.returncode == 0, done.stderr
    service = service_of(artifact)
    wanted = [service.predict(inputs) for inputs in feeds]
    assert json.loads(done.stdout) == [
        {name: bits(array) for name, array in each.items()} for each in wanted
    ]
    return len(feeds)


@pytest.mark.parametrize("file", ["model.onnx", "model.ort"])
@pytest.mark.parametrize("name", ["iris", "iris-linear", "digits", "churn", "diabetes"])
def test_an_example_model_answers_to_the_byte_as_its_service(
    name: str, file: str, prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    artifact = prepared_model(name)

    assert answers_alike(artifact, edge_folder(artifact), bare, file) > 2


@pytest.mark.parametrize(
    "artifact",
    [scaled(), every_datatype(), two_inputs(), several(COLUMNS), classifier()],
    ids=["table", "datatypes", "tensors", "columns", "labels"],
)
def test_a_model_of_any_inputs_does_too(artifact: Artifact, edge_folder: Folder, bare: Run) -> None:
    assert answers_alike(artifact, edge_folder(artifact), bare)


def test_the_golden_examples_are_replayed(
    prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    done = bare(edge_folder(prepared_model("iris")), "run.py", "--check")

    assert (done.returncode, done.stdout) == (0, "all 4 golden examples pass\n")


def test_a_model_that_fails_them_is_told(
    prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    """A bundle whose examples were other ones all along: sealed, so pinned, and wrong."""
    iris = prepared_model("iris")
    golden = iris.files["golden.json"].replace(b'"setosa"]}', b'"virginica"]}')
    files = {name: iris.files[name] for name in iris.manifest.files} | {"golden.json": golden}

    done = bare(edge_folder(Artifact.seal(iris.manifest, files)), "run.py", "--check")

    assert done.returncode == 1
    assert "label is ['setosa']; ['virginica'] is expected" in done.stderr


@pytest.mark.parametrize(
    "name", ["manifest.json", "model.onnx", "model.ort", "golden.json", "model.ort.sha256"]
)
def test_an_altered_file_is_refused_in_plain_words(
    name: str, prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    folder = edge_folder(prepared_model("iris"))
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)

    done = bare(folder, "run.py", "--check", *(["--ort"] if "ort" in name else []))

    assert done.returncode == 1
    assert done.stdout == ""
    assert "is not the file that was bundled: copy the bundle anew" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("artifact", "rows"),
    [
        (classifier(), [{"weight": 3, "size, in cm": 4.5}, {"size, in cm": 0.1, "weight": 9}]),
        (several(COLUMNS), [{"age": 0.1, "plan": "a, b", "calls": -7}]),
        (several({"on": "BOOL", "half": "FP16"}), [{"on": True, "half": 0.1}]),
        (two_inputs(), [{"a": [1, 2], "b": [3, 4]}, {"a": [0.1, 1e-9], "b": [0, 0]}]),
        (imputing(), [{"x": None}, {"x": 3.5}]),
        (scaled(), []),
    ],
)
def test_rows_are_answered_as_the_service_answers_them(
    artifact: Artifact, rows: list[Any], edge_folder: Folder, bare: Run
) -> None:
    folder = edge_folder(artifact)
    told = json.dumps(rows)
    (folder / "rows.json").write_text(told)

    done = bare(folder, "run.py", "rows.json")

    assert done.returncode == 0, done.stderr
    wanted = json.loads(PlainPredictor(service_of(artifact)).answer(told.encode()).body)
    assert json.loads(done.stdout)["predictions"] == wanted["predictions"]
    assert bare(folder, "run.py", "-", told=told).stdout == done.stdout
    assert json.loads(done.stdout)["digest"] == artifact.digest


def test_an_example_model_takes_rows_by_the_names_of_its_features(
    prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    """Texts, numbers and missing ones, each a column of its own."""
    churn = prepared_model("churn")
    row = example_row(churn)
    told = json.dumps([row, {**row, "data_gb": None, "region": "atlantis"}])

    done = bare(edge_folder(churn), "run.py", "-", told=told)

    wanted = json.loads(PlainPredictor(service_of(churn)).answer(told.encode()).body)
    assert json.loads(done.stdout)["predictions"] == wanted["predictions"]


@pytest.mark.parametrize(
    ("artifact", "text"),
    [
        (classifier(), 'weight,"size, in cm"\n3,4.5\n\n9,0.1\n'),
        (several(COLUMNS), 'plan,calls,age\n"two\nlines",-7,0.5\n'),
        (several({"on": "BOOL"}), "on\ntrue\nFalse\n"),
        (imputing(), '\ufeffx\n""\n3.5\n'),
    ],
)
def test_csv_is_read_as_the_service_reads_it(
    artifact: Artifact, text: str, edge_folder: Folder, bare: Run
) -> None:
    folder = edge_folder(artifact)
    (folder / "rows.csv").write_text(text, newline="")

    done = bare(folder, "run.py", "rows.csv")

    assert done.returncode == 0, done.stderr
    plain = PlainPredictor(service_of(artifact))
    wanted = json.loads(plain.answer(text.encode(), content_type="text/csv").body)
    assert json.loads(done.stdout)["predictions"] == wanted["predictions"]


@pytest.mark.parametrize(
    ("artifact", "rows", "told"),
    [
        (scaled(), '[{"f0": 1}]', "row 1: an object of ['f0', 'f1', 'f2', 'f3'] is wanted"),
        (scaled(), "[[1, 2, 3, 4]]", "row 1: an object of"),
        (several(COLUMNS), '{"age": "8", "plan": "a", "calls": 1}', "age: FP32 is wanted"),
        (several(COLUMNS), '{"age": 8, "plan": 5, "calls": 1}', "plan: BYTES is wanted"),
        (several(COLUMNS), '{"age": 8, "plan": "a", "calls": 1.5}', "calls: INT64 is wanted"),
        (several(COLUMNS), '{"age": 1e39, "plan": "a", "calls": 1}', "age: a number is out of"),
        (several(COLUMNS), '{"age": null, "plan": "a", "calls": 1}', "age: FP32 is wanted"),
        (two_inputs(), '{"a": [1], "b": [1, 2]}', "a: its shape is [1, 1]; [-1, 2] is wanted"),
        (lookup(), '{"x": 9}', "the model cannot compute this"),
        (scaled(), "{", "Expecting property name"),
    ],
)
def test_what_the_model_cannot_take_is_told_without_a_traceback(
    artifact: Artifact, rows: str, told: str, edge_folder: Folder, bare: Run
) -> None:
    done = bare(edge_folder(artifact), "run.py", "-", told=rows)

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_is_written_outside_the_folder(
    prepared_model: Prepared, edge_folder: Folder, bare: Run
) -> None:
    """ONNX Runtime would write under HOME, unless it is told not to before it is imported."""
    folder = edge_folder(prepared_model("iris"))
    code = "import pathlib, run; run.main(); print([*pathlib.Path.home().rglob('*')])"

    done = bare(folder, "-c", f"import sys; sys.argv = ['run.py', '--check']; {code}")

    assert done.stdout.splitlines()[-1] == "[]"


def test_the_same_artifact_makes_the_same_files_but_for_ort_format(
    prepared_model: Prepared,
) -> None:
    first, again = (edge_bundle(prepared_model("digits"), LOCK).files for _ in range(2))

    assert first.keys() == again.keys()
    assert {name for name in first if first[name] != again[name]} <= {
        "model.ort",
        "model.ort.sha256",
    }
    assert {"run.py", "requirements.txt", "README.md", "CARD.md"} < first.keys()


def test_every_datatype_that_json_carries_is_known_to_the_runner() -> None:
    from models.preparation.bundling import runner

    known = {name: np.dtype(told) for name, told in runner.DTYPES.items()}

    assert known == {name: dtype for name, dtype in TO_NUMPY.items() if name not in NO_JSON}
