"""Features describe columns of the table, or inputs of one column by their name."""

import json

import msgspec
import numpy as np
import pytest
from onnx import helper

from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.columns import described
from wherry.http.openapi.plain import plain_request, plain_words
from wherry.limits import Limits
from wherry.manifest import MODEL, Feature, Manifest
from wherry.plain import PlainPredictor
from wherry.plain.fields import Fields
from wherry.warm_up import example_inputs

CITY = Feature(name="city", example="Delft", categories=("Delft", "Oslo"))
AGE = Feature(name="age", unit="years", minimum=0, example=31)
SIZE, WEIGHT = Feature(name="size", example=2), Feature(name="weight", example=3)


def a_frame(*features: Feature) -> Artifact:
    """Inputs as of a data frame, each given back as `<name>_out`."""
    inputs = [spec("city", "BYTES", (-1, 1)), spec("age", "INT64", (-1, 1))]
    outputs = [spec(f"{told.name}_out", told.datatype, told.shape) for told in inputs]
    nodes = [helper.make_node("Identity", [told.name], [f"{told.name}_out"]) for told in inputs]
    return sealed(onnx_model(nodes, inputs, outputs), inputs, outputs, features=features)


def changed(artifact: Artifact, **changes: object) -> Manifest:
    return msgspec.structs.replace(artifact.manifest, **changes)


def test_a_feature_called_as_an_input_describes_it_whatever_the_order() -> None:
    """Columns of a data frame are inputs of their own, and carry what people need to know."""
    manifest = a_frame(AGE, CITY).manifest

    assert described(manifest.inputs, manifest.features) == {"city": (CITY,), "age": (AGE,)}


def test_other_features_are_the_columns_of_the_table_beside() -> None:
    """One text by its name, and a table of numbers."""
    table = (spec("numbers", "FP32", (-1, 2)), spec("city", "BYTES", (-1, 1)))
    manifest = changed(a_frame(), inputs=table, features=(SIZE, CITY, WEIGHT))

    assert described(manifest.inputs, manifest.features) == {
        "city": (CITY,),
        "numbers": (SIZE, WEIGHT),
    }
    assert Fields(manifest, Limits()).names == ["size", "weight", "city"]


def test_a_table_of_another_width_has_no_named_columns() -> None:
    """Nothing is guessed."""
    manifest = changed(a_frame(), inputs=(spec("x", "FP32", (-1, 3)),), features=(SIZE, WEIGHT))

    assert described(manifest.inputs, manifest.features) == {}


def test_a_column_that_is_called_as_another_input_names_nothing() -> None:
    """A row could not tell the two apart."""
    inputs = (spec("x", "FP32", (-1, 2)), spec("size", "FP32", (-1, 7)))
    manifest = changed(a_frame(), inputs=inputs, features=(SIZE, WEIGHT))

    assert described(manifest.inputs, manifest.features) == {}


def test_warm_up_and_documents_use_the_examples_of_such_inputs() -> None:
    """The document's example is one that the model is known to take."""
    artifact = a_frame(CITY, AGE)
    fields = Fields(artifact.manifest, Limits())

    arrays = example_inputs(artifact.manifest)
    told = plain_request(artifact.manifest, fields)

    assert {name: array.tolist() for name, array in arrays.items()} == {
        "city": [["Delft"]],
        "age": [[31]],
    }
    rows = told["application/json"]["examples"]["rows"]["value"]
    assert rows == [{"city": "Delft", "age": 31}]
    assert "| city | BYTES | known: Delft, Oslo | Delft |" in plain_words(fields)
    assert "| age | INT64 | years, usually 0 or more | 31 |" in plain_words(fields)


def test_plain_rows_of_a_data_frame_are_answered() -> None:
    """A model of no declared task tells its outputs as they are named."""
    files = {MODEL: a_frame().files[MODEL]}
    artifact = Artifact.seal(changed(a_frame(CITY, AGE), task="other"), files)
    predictor = PlainPredictor(service_of(artifact))
    body = json.dumps([{"city": "Oslo", "age": 5}]).encode()

    answer = predictor.answer(body, content_type="application/json")

    assert json.loads(answer.body)["predictions"] == [{"city_out": "Oslo", "age_out": 5}]


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (Feature(name="city", categories=("Oslo",)), "Oslo"),
        (Feature(name="city"), ""),
        (Feature(name="city", example=3), ""),
    ],
)
def test_a_text_without_an_example_is_one_that_was_learnt(feature: Feature, told: str) -> None:
    """An example of the wrong kind is as good as none."""
    assert example_inputs(a_frame(feature).manifest)["city"].tolist() == [[told]]


def test_a_number_whose_example_is_a_text_is_zero() -> None:
    """The service must start, whatever the manifest says for people."""
    manifest = a_frame(Feature(name="age", example="old")).manifest

    assert example_inputs(manifest)["age"].tolist() == [[0]]
    assert example_inputs(manifest)["age"].dtype == np.int64


def test_examples_are_texts_or_numbers_in_the_manifest() -> None:
    """Both come back from JSON as they were."""
    manifest = a_frame(CITY, AGE).manifest

    assert Manifest.from_bytes(manifest.to_bytes()).features == (CITY, AGE)
