from typing import Any

import numpy as np
import orjson
import pytest
from onnx import helper

from tests.support.onnx_models import (
    JSON_DATATYPES,
    identity,
    lookup,
    one_step,
    onnx_model,
    scaled,
    sealed,
    spec,
    two_inputs,
)
from tests.support.requests_v2 import FEATURES, features, outputs_of, request, tensor
from tests.support.services import service_of
from wherry.errors import ArtifactError, ModelError, RequestError


@pytest.mark.parametrize("datatype", JSON_DATATYPES)
def test_each_datatype_goes_through_and_comes_back(datatype: str) -> None:
    special: dict[str, list[Any]] = {"BOOL": [True, False], "BYTES": ["é", "a\0b"]}
    data = special.get(datatype, [0, 7])

    answer = service_of(identity(datatype)).infer(request(tensor("x", datatype, [2], data)))

    [output] = orjson.loads(answer.body)["outputs"]
    assert output == {"name": "y", "datatype": datatype, "shape": [2], "data": data}


def test_the_answer_names_model_and_version_and_gives_the_id_back() -> None:
    answer = orjson.loads(service_of().infer(request(id="mine")).body)

    assert (answer["model_name"], answer["model_version"], answer["id"]) == ("tiny", "1", "mine")


def test_without_an_id_there_is_none() -> None:
    assert "id" not in orjson.loads(service_of().infer(request()).body)


def test_all_outputs_come_in_the_manifests_order() -> None:
    answer = service_of().infer(request())

    assert list(outputs_of(answer.body).items()) == [
        ("prediction", [[20.0]]),
        ("doubled", [[2.0, 4.0, 6.0, 8.0]]),
    ]


@pytest.mark.parametrize("outputs", [[], None])
def test_who_names_no_outputs_gets_all(outputs: Any) -> None:
    assert len(outputs_of(service_of().infer(request(outputs=outputs)).body)) == 2


@pytest.mark.parametrize("names", [["doubled"], ["doubled", "prediction"]])
def test_wanted_outputs_come_in_the_wanted_order(names: list[str]) -> None:
    answer = service_of().infer(request(outputs=[{"name": name} for name in names]))

    assert list(outputs_of(answer.body)) == names


def test_parameters_that_nobody_knows_change_nothing() -> None:
    parameters = {"priority": 1, "sequence_id": "a", "share": 0.5, "urgent": True, "none": None}
    plain = service_of().infer(request()).body

    wanted = [{"name": name, "parameters": parameters} for name in outputs_of(plain)]
    asked = request({**FEATURES, "parameters": parameters}, parameters=parameters, outputs=wanted)
    assert service_of().infer(asked).body == plain


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_rows_are_counted(rows: int) -> None:
    answer = service_of().infer(features(shape=[rows, 4], data=[1] * 4 * rows))

    assert answer.rows == rows
    assert outputs_of(answer.body)["prediction"] == [[8.0]] * rows


def test_a_scalar_is_one_row() -> None:
    assert service_of(identity(shape=())).infer(request(tensor("x", "FP32", [], [5]))).rows == 1


def test_what_json_has_no_number_for_becomes_null() -> None:
    answer = service_of(one_step("Log")).infer(request(tensor("x", "FP32", [3], [-1, 0, 1])))

    assert outputs_of(answer.body)["y"] == [None, None, 0.0]


def test_inputs_that_differ_in_rows_are_refused() -> None:
    a, b = tensor("a", "FP32", [1, 2], [1, 2]), tensor("b", "FP32", [2, 2], [1, 2, 3, 4])

    with pytest.raises(RequestError, match='they differ in rows: "a" has 1, "b" has 2'):
        service_of(two_inputs()).infer(request(a, b))


def test_the_library_is_told_so_in_the_same_words() -> None:
    with pytest.raises(RequestError, match='they differ in rows: "a" has 1, "b" has 2'):
        service_of(two_inputs()).predict({"a": [[1, 2]], "b": [[1, 2], [3, 4]]})


def test_an_input_whose_first_size_is_fixed_has_no_rows() -> None:
    inputs, outputs = [spec("a", shape=(-1, 2)), spec("b", shape=(2,))], [spec("y", shape=(-1, 2))]
    node = helper.make_node("Add", ["a", "b"], ["y"])
    service = service_of(sealed(onnx_model([node], inputs, outputs), inputs, outputs))
    b = tensor("b", "FP32", [2], [10, 20])

    answer = service.infer(request(tensor("a", "FP32", [1, 2], [1, 2]), b))

    assert outputs_of(answer.body) == {"y": [[11.0, 22.0]]}


def test_sizes_that_only_the_caller_chose_are_the_callers_fault() -> None:
    a, b = tensor("a", "FP32", [1, 2], [1, 2]), tensor("b", "FP32", [1, 3], [1, 2, 3])

    with pytest.raises(RequestError, match="of these sizes together"):
        service_of(two_inputs(shape=(-1, -1))).infer(request(a, b))


def test_a_model_that_fails_on_what_its_manifest_allows_is_at_fault_itself() -> None:
    """The manifest promises any number of rows; the model computes one only."""
    inputs, outputs = [spec("x", "FP32", (-1, 2))], [spec("y", "FP32", (-1, 2))]
    node = helper.make_node("Reshape", ["x", "one_row"], ["y"])
    model = onnx_model([node], inputs, outputs, {"one_row": np.array([1, 2], np.int64)})
    service = service_of(sealed(model, inputs, outputs))

    with pytest.raises(ModelError):
        service.infer(request(tensor("x", "FP32", [2, 2], [1, 2, 3, 4])))
    with pytest.raises(RequestError, match="the model cannot compute a batch of no rows"):
        service.infer(request(tensor("x", "FP32", [0, 2], [])))


def test_a_value_that_the_model_refuses_is_the_requests_fault() -> None:
    with pytest.raises(RequestError, match="refuses a value"):
        service_of(lookup()).infer(request(tensor("x", "INT64", [1], [9])))


def test_it_is_a_library_too() -> None:
    answer = service_of().predict({"features": [[1, 2, 3, 4], [0, 0, 0, 1]]}, ["prediction"])

    assert {name: array.tolist() for name, array in answer.items()} == {
        "prediction": [[20.0], [2.0]]
    }


def test_library_and_protocol_give_the_same_numbers() -> None:
    service = service_of(scaled(1 / 3))
    rows = [[0.1, 0.2, 0.3, 0.4]]

    told = outputs_of(service.infer(features(data=rows)).body)["prediction"]

    assert (
        np.array(told, np.float32).tolist()
        == service.predict({"features": rows})["prediction"].tolist()
    )


@pytest.mark.parametrize(
    "inputs",
    [{}, {"features": [[1, 2]]}, {"features": [["a"] * 4]}, {"other": [[1] * 4]}, {"features": 5}],
)
def test_the_library_refuses_what_the_protocol_refuses(inputs: dict[str, Any]) -> None:
    with pytest.raises(RequestError):
        service_of().predict(inputs)


def test_the_library_refuses_an_unknown_output() -> None:
    with pytest.raises(RequestError, match="no such output"):
        service_of().predict({"features": [[1, 2, 3, 4]]}, ["none"])


@pytest.mark.parametrize(
    ("inputs", "outputs"),
    [
        ([spec("x", "FP64")], [spec("y")]),
        ([spec("z")], [spec("y")]),
        ([], [spec("y")]),
        ([spec("x")], [spec("y"), spec("z")]),
        ([spec("x")], [spec("y", "INT64")]),
    ],
)
def test_a_manifest_that_promises_what_the_model_has_not_is_refused(
    inputs: list[Any], outputs: list[Any]
) -> None:
    node = helper.make_node("Identity", ["x"], ["y"])
    artifact = sealed(onnx_model([node], [spec("x")], [spec("y")]), inputs, outputs)

    with pytest.raises(ArtifactError, match="but the manifest says"):
        service_of(artifact)


def test_a_model_that_fails_on_its_own_example_never_becomes_a_service() -> None:
    inputs, outputs = [spec("x", "FP32", (-1, 3))], [spec("y", "FP32", (-1, 2))]
    node = helper.make_node("Reshape", ["x", "shape"], ["y"])
    model = onnx_model([node], inputs, outputs, {"shape": np.array([-1, 2], np.int64)})

    with pytest.raises(ModelError):
        service_of(sealed(model, inputs, outputs))
