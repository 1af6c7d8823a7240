"""A folder of MLflow is read as data: which file, by which library, with which example."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.preparation.sources.mlflow.folders import read_folder
from wherry.errors import ConfigurationError, UnsafeError, UsageError
from wherry.manifest import TensorSpec

PYTHON = {"python_function": {"loader_module": "mlflow.pyfunc.model"}}
TOLD = {
    "run_id": "c2ef",
    "utc_time_created": "2026-11-25 22:03:04.756268",
    "flavors": {**PYTHON, "sklearn": {"pickled_model": "model.skops"}},
}


def saved(folder: Path, *files: str, **told: Any) -> Path:
    for file in files:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_bytes(b"x")
    (folder / "MLmodel").write_text(yaml.safe_dump(told))
    return folder


def with_example(folder: Path, example: Any, kind: str) -> Path:
    (folder / "input_example.json").write_text(json.dumps(example))
    info = {"artifact_path": "input_example.json", "type": kind}
    return saved(folder, "model.skops", **TOLD, saved_input_example_info=info)


@pytest.mark.parametrize(
    ("flavor", "says", "file", "kind"),
    [
        ("sklearn", {"pickled_model": "model.pkl"}, "model.pkl", "sklearn"),
        ("xgboost", {"data": "model.ubj"}, "model.ubj", "xgboost"),
        ("lightgbm", {"data": "model.lgb"}, "model.lgb", "lightgbm"),
        ("lightgbm", {"data": "model.pkl"}, "model.pkl", "sklearn"),
        ("catboost", {"data": "model.cb"}, "model.cb", "catboost"),
        ("onnx", {"data": "model.onnx"}, "model.onnx", "onnx"),
        ("pytorch", {"model_data": "data"}, "data/model.pt2", "torch"),
        ("pytorch", {"model_data": "data"}, "data/model.pth", "torch"),
        ("keras", {"data": "data"}, "data/model.keras", "keras"),
        ("tensorflow", {"data": "data"}, "data/model.keras", "keras"),
        ("tensorflow", {"data": "data"}, "data/model/saved_model.pb", "tensorflow"),
        ("tensorflow", {"saved_model_dir": "tf"}, "tf/saved_model.pb", "tensorflow"),
    ],
)
def test_each_flavor_names_its_file_and_its_kind(
    tmp_path: Path, flavor: str, says: dict[str, str], file: str, kind: str
) -> None:
    folder = saved(tmp_path, file, flavors={**PYTHON, flavor: says})

    found = read_folder(folder)

    assert found.kind == kind
    assert (folder / file).is_relative_to(found.file)
    assert found.file.exists()


def test_what_unfolds_without_an_end_is_not_told(tmp_path: Path) -> None:
    """YAML's aliases: ten lines that would be text of gigabytes."""
    folder = saved(tmp_path, "model.skops", flavors=TOLD["flavors"])
    levels = [
        f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 9)
    ]
    bomb = "\n".join(["a0: &a0 [x, x]", *levels, "run_id: *a8", "utc_time_created: *a8", ""])
    (folder / "MLmodel").write_text(bomb + (folder / "MLmodel").read_text())

    assert read_folder(folder).description == "Logged to MLflow by mlflow.sklearn."


def test_who_logged_it_becomes_its_description(tmp_path: Path) -> None:
    found = read_folder(saved(tmp_path, "model.skops", **TOLD))

    assert found.description == (
        "Logged to MLflow by mlflow.sklearn in run c2ef at 2026-11-25 22:03 UTC."
    )


def test_an_example_of_a_data_frame_comes_by_column(tmp_path: Path) -> None:
    rows = {"columns": ["age", "plan", "n"], "data": [[1.5, "a", 1], [None, None, 2]]}

    example = read_folder(with_example(tmp_path, rows, "dataframe")).example

    assert example is not None
    assert [str(array.dtype.kind) for array in example.values()] == ["f", "U", "i"]
    assert example["plan"].tolist() == [["a"], [""]]
    assert example["age"][0, 0] == 1.5
    assert example["age"][1, 0] != example["age"][1, 0]


def test_an_example_of_an_array_comes_as_columns_and_a_tensor_whole(tmp_path: Path) -> None:
    table = read_folder(with_example(tmp_path, [[1, 2], [3, 4]], "ndarray")).example
    tensor = read_folder(with_example(tmp_path, [[[1.0]], [[2.0]]], "ndarray")).example
    named = read_folder(with_example(tmp_path, {"a b": [[1]]}, "ndarray")).example

    assert table is not None
    assert tensor is not None
    assert named is not None
    assert {name: array.tolist() for name, array in table.items()} == {
        "column_0": [[1], [3]], "column_1": [[2], [4]],
    }  # fmt: skip
    assert tensor["inputs"].shape == (2, 1, 1)
    assert list(named) == ["a_b"]


def test_what_a_torchscript_takes_is_read_from_the_signature(tmp_path: Path) -> None:
    tensor = {"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 1, 8, 8]}}
    folder = saved(
        tmp_path,
        "data/model.pth",
        flavors={"pytorch": {"model_data": "data"}},
        signature={"inputs": json.dumps([tensor])},
    )

    assert read_folder(folder).options.inputs == (TensorSpec("inputs", "FP32", (-1, 1, 8, 8)),)


def test_a_python_function_alone_is_refused_with_how_to_log_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"loaded by mlflow\.pyfunc\.model") as refused:
        read_folder(saved(tmp_path, flavors=PYTHON))

    assert "mlflow.sklearn" in refused.value.todo


def test_a_library_that_is_not_known_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="its library is spark"):
        read_folder(saved(tmp_path, flavors={**PYTHON, "spark": {}}))


@pytest.mark.parametrize("name", ["../model.pkl", "/etc/passwd"])
def test_a_file_outside_of_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    flavors = {"sklearn": {"pickled_model": name}}

    with pytest.raises(UnsafeError, match="is outside of the folder"):
        read_folder(saved(tmp_path, flavors=flavors))


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(b"x")
    (folder / "model.skops").symlink_to(tmp_path / "secret")

    with pytest.raises(UnsafeError, match="is outside of the folder"):
        read_folder(saved(folder, **TOLD))


def test_an_mlmodel_is_read_as_plain_data(tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    (tmp_path / "MLmodel").write_text(
        f"flavors: !!python/object/apply:os.system ['touch {marker}']\n"
    )

    with pytest.raises(ConfigurationError, match="it is no YAML"):
        read_folder(tmp_path)
    assert not marker.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "it holds no MLmodel"), ("[]", "it holds no mapping"), ("a: 1", "it has no flavors")],
)
def test_a_folder_that_is_none_is_told_of(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "MLmodel").write_text(text)

    with pytest.raises(ConfigurationError, match=told):
        read_folder(tmp_path)


def test_a_file_that_is_named_and_missing_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"there is no model\.skops"):
        read_folder(saved(tmp_path, **TOLD))


def test_without_a_server_or_a_store_nothing_is_asked(tmp_path: Path) -> None:
    from models.preparation.sources.mlflow.download import download

    with pytest.raises(UsageError, match="nobody says which MLflow has it"):
        download("models:/churn/1", None, tmp_path, environ={})
