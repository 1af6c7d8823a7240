"""Baselines, the ML-BOM, and what is quoted of a card."""

import json
from typing import Any

import msgspec
import numpy as np
import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from models.preparation.cards.baselines import CATEGORIES, COLUMNS, baselines
from models.preparation.cards.bom import bom
from models.preparation.cards.card import head, limits
from tests.support.stores import an_artifact
from wherry.manifest import (
    CategoryHistogram,
    Feature,
    Manifest,
    NumberHistogram,
    SourceInfo,
)

CARD = b"""# apples

**What it does.** Tells an apple from
a [pear](fruit.md) by `weight`.

## Limits

- No other fruit.
- Only ripe ones,
  in summer.

Later text.

## Answers
"""
FILES = {"model.onnx": b"onnx", "CARD.md": CARD}


def numbers(values: Any, **options: Any) -> NumberHistogram:
    told = baselines({"x": np.asarray(values)}, {}, features=[], **options).inputs["x"]
    assert isinstance(told, NumberHistogram)
    return told


def test_numbers_are_counted_between_the_deciles_of_the_rows() -> None:
    """Ten bins, about as many rows in each."""
    told = numbers(np.arange(1, 101, dtype=np.float32))

    assert list(told.edges) == [10, 20, 30, 40, 50, 60, 70, 80, 90]
    assert list(told.counts) == [10] * 10
    assert told.missing == 0


def test_a_missing_number_is_counted_apart_and_infinities_lie_outside() -> None:
    """Every row is counted once."""
    told = numbers([[1.0], [np.nan], [np.inf], [-np.inf], [2.0]])

    assert told.missing == 1
    assert sum(told.counts) == 4
    assert told.counts[0] >= 1
    assert told.counts[-1] == 1
    assert np.isfinite(told.edges).all()


@pytest.mark.parametrize(
    ("values", "edges", "counts"),
    [([7, 7, 7], (7,), (3, 0)), ([np.nan, np.nan], (), (0,)), ([], (), (0,))],
)
def test_rows_that_are_alike_missing_or_none_still_count(
    values: list[float], edges: tuple[float, ...], counts: tuple[int, ...]
) -> None:
    """An edge is there once."""
    told = numbers(np.array(values, np.float64))

    assert (told.edges, told.counts) == (edges, counts)


def test_edges_are_numbers_that_float32_holds() -> None:
    """What a client sends is compared with exactly this."""
    told = numbers(np.linspace(0, 1, 97))

    assert [float(np.float32(edge)) for edge in told.edges] == list(told.edges)


def test_columns_go_by_their_features_and_inputs_by_their_names() -> None:
    """As plain rows call them."""
    features = [Feature(name="size"), Feature(name="city"), Feature(name="weight")]
    inputs: dict[str, Any] = {
        "table": np.ones((3, 2), np.float32),
        "city": np.array([["a"], ["b"], ["a"]]),
    }

    told = baselines(inputs, {}, features=features)

    assert list(told.inputs) == ["size", "weight", "city"]
    assert told.inputs["city"] == CategoryHistogram(categories=("a", "b"), counts=(2, 1))
    assert told.rows == 3


def test_columns_without_names_are_numbered() -> None:
    """As in an answer of CSV."""
    assert list(baselines({"x": np.ones((3, 2))}, {}, features=[]).inputs) == ["x.0", "x.1"]


def test_outputs_are_counted_by_label() -> None:
    """Labels, also where they are whole numbers, and the probabilities of each."""
    outputs: dict[str, Any] = {
        "label": np.array([0, 1, 1], np.int64),
        "probabilities": np.array([[0.9, 0.1], [0.2, 0.8], [0.3, 0.7]], np.float32),
    }

    told = baselines({}, outputs, features=[], labels=("0", "1")).outputs

    assert list(told) == ["label", "probabilities.0", "probabilities.1"]
    assert told["label"] == CategoryHistogram(categories=("1", "0"), counts=(2, 1))
    assert isinstance(told["probabilities.1"], NumberHistogram)


def test_rare_and_long_texts_are_not_kept() -> None:
    """They are counted together: a baseline is no copy of the rows."""
    texts = ["common"] * 5 + [f"rare {number:03}" for number in range(50)] + ["secret " * 20] * 9

    told = baselines({"x": np.array(texts, object)}, {}, features=[]).inputs["x"]

    assert isinstance(told, CategoryHistogram)
    assert told.categories[0] == "common"
    assert len(told.categories) == CATEGORIES
    assert sum(told.counts) + told.other == len(texts)
    assert not any("secret" in text for text in told.categories)


def test_a_wide_tensor_is_counted_as_a_whole() -> None:
    """A manifest stays small, whatever the model takes."""
    wide: dict[str, Any] = {"pixels": np.ones((5, 8, 8, 3), np.float32), "age": np.ones((5, 1))}
    many: dict[str, Any] = {
        f"c{number:03}": np.array(["😀" * 40, "b" * 40]) for number in range(300)
    }

    assert list(baselines(wide, {}, features=[]).inputs) == ["pixels", "age"]
    told = baselines(many, many, features=[])
    assert len(told.inputs) == len(told.outputs) == COLUMNS
    assert len(msgspec.json.encode(told)) < 200_000


def test_the_same_rows_give_the_same_baselines() -> None:
    """Whatever their layout in memory."""
    rows = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)

    first = baselines({"x": rows}, {}, features=[])

    assert baselines({"x": np.asfortranarray(rows)}, {}, features=[]) == first


def of(**changes: Any) -> tuple[Manifest, dict[str, Any]]:
    manifest = msgspec.structs.replace(an_artifact().manifest, **changes)
    return manifest, json.loads(bom(manifest, FILES))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"licence": "Apache-2.0"},
        {"licence": "MIT OR Apache-2.0"},
        {"licence": "ours; ask us"},
        {"training_data_sha256": None, "task": "other", "metrics": {}},
        {"source": SourceInfo(kind="xgboost", file="model.json", sha256="0" * 64)},
        {"libraries": {}},
    ],
)
def test_the_document_is_one_of_cyclonedx(changes: dict[str, Any]) -> None:
    """Judged by CycloneDX's own strict schema."""
    manifest, _ = of(**changes)

    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(bom(manifest, FILES).decode())

    assert fault is None


def test_the_document_names_model_libraries_files_data_and_metrics() -> None:
    """With versions and digests."""
    manifest, told = of(licence="Apache-2.0")

    model = told["metadata"]["component"]
    by_type = {each["type"]: each for each in told["components"]}
    assert (model["type"], model["name"]) == ("machine-learning-model", "iris")
    assert model["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert model["description"] == "What it does. Tells an apple from a pear by weight."
    card = model["modelCard"]
    assert card["modelParameters"]["task"] == "classification"
    assert card["modelParameters"]["datasets"] == [{"ref": "training-data"}]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "accuracy", "value": "0.9", "slice": "held-out rows"}
    ]
    assert card["considerations"]["technicalLimitations"] == limits(CARD)
    assert by_type["library"]["purl"] == "pkg:pypi/scikit-learn@1.9.1"
    files = {each["name"] for each in told["components"] if each["type"] == "file"}
    assert files == FILES.keys()
    assert by_type["data"]["hashes"][0]["content"] == manifest.training_data_sha256


def test_the_same_artifact_has_the_same_document_and_another_another() -> None:
    """No clock; the serial number follows from the content."""
    manifest, told = of()

    assert bom(manifest, FILES) == bom(manifest, dict(reversed(FILES.items())))
    assert json.loads(bom(manifest, {}))["serialNumber"] != told["serialNumber"]


def test_a_card_is_quoted_by_its_first_paragraph_and_its_limits() -> None:
    """Without marks, in one line each."""
    assert head(CARD) == "What it does. Tells an apple from a pear by weight."
    assert limits(CARD) == ["No other fruit.", "Only ripe ones, in summer."]


@pytest.mark.parametrize("card", [b"", b"# only a title", b"\xff\xfe"])
def test_a_card_may_be_anything(card: bytes) -> None:
    """A person wrote it."""
    assert limits(card) == []
    assert isinstance(head(card), str)
