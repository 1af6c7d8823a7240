"""What newcomers give: taken where it is plain what is meant, else told with what to type."""

from typing import Any

import numpy as np
import pytest

from tests.support.client_doors import Connect
from tests.support.onnx_models import identity
from tests.support.services import service_of
from wherry.errors import NotFoundError, RequestError
from wherry.http import App

ROWS = np.array([[1, 2, 3, 4]], np.float32)


class PandasFrame:
    def iterrows(self) -> None: ...
    def to_dict(self) -> None: ...


class PolarsFrame:
    def to_dict(self) -> None: ...
    def to_dicts(self) -> None: ...


class ArrowTable:
    def to_pylist(self) -> None: ...


@pytest.mark.parametrize(
    ("frame", "hint"),
    [
        (PandasFrame(), 'Give frame.to_dict("records"), a dict'),
        (PolarsFrame(), "Give frame.to_dicts(), a dict"),
        (ArrowTable(), "Give table.to_pylist(), a dict"),
    ],
)
def test_a_table_is_refused_with_what_makes_rows_of_it(
    connect: Connect, frame: object, hint: str
) -> None:
    with pytest.raises(RequestError) as refused:
        connect(App(service_of())).predict(frame)

    assert hint in str(refused.value)


@pytest.mark.parametrize("row", [{"f0": 1, "f1": "a"}, {"features": np.float32(1)}, {"x": None}])
def test_one_row_by_itself_is_told_to_be_a_list(connect: Connect, row: Any) -> None:
    with pytest.raises(RequestError, match=r"a dict of single values came.*Give a list: \[{…}\]"):
        connect(App(service_of())).predict(row)


def test_a_number_by_itself_goes_to_an_input_that_is_one(connect: Connect) -> None:
    told = connect(App(service_of(identity(shape=())))).predict({"x": 2.5})

    assert told["y"] == 2.5


def test_a_column_is_taken_where_one_value_a_row_is_wanted(connect: Connect) -> None:
    told = connect(App(service_of(identity(shape=(-1, 1))))).predict({"x": [1, 2, 3]})

    assert told["y"].tolist() == [[1], [2], [3]]


@pytest.mark.parametrize("shape", [(-1, 2), (1, 1), (-1, 1, 1), (2, 1)])
def test_a_column_is_put_into_no_other_shape(connect: Connect, shape: tuple[int, ...]) -> None:
    with pytest.raises(RequestError, match=r"shape \[2\] came"):
        connect(App(service_of(identity(shape=shape)))).predict({"x": [1, 2]})


def test_a_server_without_jobs_says_how_it_gets_them(connect: Connect) -> None:
    with pytest.raises(NotFoundError, match=r"has none.*wherry serve --jobs.*a \[jobs\]"):
        connect(App(service_of())).job(ROWS, model="tiny")


def test_a_job_of_a_model_that_is_not_there_says_so(connect: Connect) -> None:
    with pytest.raises(NotFoundError, match='"other": it is not served here'):
        connect(App(service_of())).job([[1, 2, 3, 4]], model="other")
