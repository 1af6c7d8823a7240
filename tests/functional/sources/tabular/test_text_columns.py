"""Pipelines that learnt a data frame with texts in it: one input a column."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from models.preparation.sources.estimators import EstimatorSource
from tests.support.rows import Rows, wrong_rows
from wherry.errors import ConfigurationError, RequestError
from wherry.session import Session

NUMBERS, TEXTS = ["age", "pay per month"], ["plan", "town/city"]
NAMES = {"FP32": np.float32, "INT64": np.int64}
IGNORES = {"handle_unknown": "ignore"}
RARE = {"handle_unknown": "infrequent_if_exist", "min_frequency": 20}
CODED = {"handle_unknown": "use_encoded_value", "unknown_value": -1, "encoded_missing_value": -2}
MOST = {"strategy": "most_frequent"}
ENCODERS = [
    OneHotEncoder(**IGNORES),
    OneHotEncoder(**RARE),
    OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=3, sparse_output=False),
    OneHotEncoder(drop="first", **RARE),
    OneHotEncoder(drop="if_binary", **IGNORES),
    OrdinalEncoder(**CODED),
    OrdinalEncoder(**CODED, min_frequency=20),
    OrdinalEncoder(**CODED, dtype=int),
    TargetEncoder(),
    make_pipeline(SimpleImputer(**MOST), OneHotEncoder(**IGNORES)),
    make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OneHotEncoder(**IGNORES)),
]


def _frame() -> tuple[pd.DataFrame, Rows]:
    """500 customers; some ages and plans are missing."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "age": rng.integers(18, 90, 500).astype(float),
            "pay per month": rng.normal(50, 10, 500),
            "plan": rng.choice(
                ["a", "b", "c", "rare", "rarer"], 500, p=[0.4, 0.3, 0.26, 0.02, 0.02]
            ),
            "town/city": rng.choice(["x", "é"], 500),
            "children": rng.integers(0, 4, 500),
        }
    )
    frame.loc[rng.random(500) < 0.1, "age"] = np.nan
    truth = np.where((frame["plan"] == "a") ^ (frame["children"] > 1), "stays", "leaves")
    frame.loc[rng.random(500) < 0.1, "plan"] = np.nan
    return frame, truth


def _feeds(source: EstimatorSource, frame: pd.DataFrame) -> dict[str, Rows]:
    """As a client sends them: a missing text is the empty one."""
    feeds: dict[str, Rows] = {}
    for spec in source.facts.inputs:
        column = frame[spec.name]
        values = column.fillna("").to_numpy(object) if spec.datatype == "BYTES" else column
        feeds[spec.name] = np.asarray(values, NAMES.get(spec.datatype, object)).reshape(-1, 1)
    return feeds


def _changed(frame: pd.DataFrame) -> pd.DataFrame:
    """With plans that nobody has seen, and more that are missing."""
    changed = frame.copy()
    changed.loc[:50, "plan"] = "new"
    changed.loc[100:150, "plan"] = np.nan
    return changed


def _steps(encoder: Any) -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", encoder, TEXTS)])


@pytest.mark.filterwarnings("ignore:Found unknown categories")
@pytest.mark.parametrize("encoder", ENCODERS, ids=repr)
@pytest.mark.parametrize(
    "classifier", [LogisticRegression(), RandomForestClassifier(20, random_state=0)]
)
def test_texts_are_encoded_as_they_were_learnt(encoder: Any, classifier: Any) -> None:
    """Known, unknown, rare and missing ones; missing numbers beside them; no row at all."""
    frame, truth = _frame()
    source = EstimatorSource(make_pipeline(_steps(encoder), classifier).fit(frame, truth))

    assert {each.name: each.datatype for each in source.facts.inputs} == {
        "age": "FP32", "pay per month": "FP32", "plan": "BYTES", "town/city": "BYTES",
    }  # fmt: skip
    assert all(each.shape == (-1, 1) for each in source.facts.inputs)
    for rows in (frame, _changed(frame), frame[:1], frame[:0]):
        assert wrong_rows(source, _feeds(source, rows)) == 0


def test_columns_are_told_by_places_and_selectors_too() -> None:
    """And a column that is only encoded as a whole number is one."""
    frame, truth = _frame()
    steps = ColumnTransformer(
        [
            ("texts", OneHotEncoder(**IGNORES), make_column_selector(pattern="plan|town")),
            ("children", OneHotEncoder(**IGNORES), [4]),
        ],
        remainder=make_pipeline(SimpleImputer(), StandardScaler()),
    )
    search = GridSearchCV(
        make_pipeline(steps, LogisticRegression()), {"logisticregression__C": [1]}
    )
    source = EstimatorSource(search.fit(frame, truth))

    assert {each.name: each.datatype for each in source.facts.inputs}["children"] == "INT64"
    assert source.facts.columns == tuple(frame.columns)
    assert wrong_rows(source, _feeds(source, _changed(frame))) == 0


def test_a_missing_text_may_be_none() -> None:
    """In a frame of Python's objects nothing else says that it is missing."""
    frame, truth = _frame()
    objects = frame["plan"].astype(object)
    frame["plan"] = objects.where(objects.notna(), None)
    assert None in frame["plan"].tolist()
    steps = _steps(OneHotEncoder(**IGNORES))
    source = EstimatorSource(make_pipeline(steps, LogisticRegression()).fit(frame, truth))

    assert wrong_rows(source, _feeds(source, frame)) == 0


def test_an_unknown_text_that_the_encoder_refuses_makes_the_model_refuse() -> None:
    """It is the caller's to change, and no row is answered as if it were another."""
    frame, truth = _frame()
    steps = _steps(OneHotEncoder())
    source = EstimatorSource(make_pipeline(steps, LogisticRegression()).fit(frame, truth))

    assert wrong_rows(source, _feeds(source, frame)) == 0
    session = Session(source.convert(), threads=1)
    with pytest.raises(RequestError, match="refuses a value"):
        session.run(["label"], _feeds(source, _changed(frame)))


def test_histogram_boosting_behind_an_encoder_takes_missing_numbers() -> None:
    """NaN passes through to the trees."""
    frame, truth = _frame()
    steps = ColumnTransformer(
        [("numbers", "passthrough", NUMBERS), ("texts", OrdinalEncoder(**CODED), TEXTS)]
    )
    source = EstimatorSource(
        make_pipeline(steps, HistGradientBoostingClassifier()).fit(frame, truth)
    )

    assert wrong_rows(source, _feeds(source, _changed(frame))) == 0


def test_a_fraction_is_no_category_that_it_is_near_to() -> None:
    """1.5 is unknown where 1 and 2 are known."""
    rows = np.array([[1.0], [2.0], [3.0]] * 5, np.float32)
    source = EstimatorSource(OneHotEncoder(**IGNORES).fit(rows))

    assert wrong_rows(source, {"features": np.array([[1.5], [np.nan], [2.0]], np.float32)}) == 0


@pytest.mark.parametrize(
    ("column", "values", "told"),
    [
        ("children", np.tile([0.1, 0.2], 250), "no float32"),
        ("label", np.tile(["a", "b"], 250), "called 'label'"),
        ("mixed", np.tile(np.array(["", None], object), 250), "missing is told in two ways"),
    ],
)
def test_columns_that_clients_cannot_send_are_refused(column: str, values: Rows, told: str) -> None:
    """With what to change."""
    frame, truth = _frame()
    frame[column] = pd.Series(values, dtype=values.dtype)
    steps = ColumnTransformer([("texts", OneHotEncoder(**IGNORES), ["plan", column])])
    source = EstimatorSource(make_pipeline(steps, LogisticRegression()).fit(frame, truth))

    with pytest.raises(ConfigurationError, match=told) as raised:
        source.convert()
    assert raised.value.todo


def test_words_are_counted_elsewhere() -> None:
    """skl2onnx's tokenizer is an operator that no server takes."""
    frame, truth = _frame()
    steps = ColumnTransformer([("words", TfidfVectorizer(token_pattern="[a-z]+"), "plan")])
    frame["plan"] = frame["plan"].fillna("none")
    source = EstimatorSource(make_pipeline(steps, LogisticRegression()).fit(frame, truth))

    with pytest.raises(ConfigurationError, match="token counts"):
        source.convert()
