"""Real data that scikit-learn ships, halved: a model learns the even rows, the odd are held out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn import datasets
from sklearn.preprocessing import StandardScaler

Rows = NDArray[Any]
COLUMNS = {"one column": [2], "three columns": [2, 3, 8]}
NUMBERS = ("float32", "float64", "int64")


@dataclass(frozen=True)
class Data:
    """`rows` is a table, or a data frame with columns of text; `words` are its text columns."""

    rows: Any
    y: Rows
    words: tuple[str, ...] = ()

    @property
    def learnt(self) -> tuple[Any, Rows]:
        return self.rows[::2], self.y[::2]

    @property
    def kinds(self) -> tuple[str, ...]:
        return ("text",) if self.words else NUMBERS

    def held_out(self, kind: str) -> Mapping[str, Rows]:
        """By input, in a datatype of NumPy's; of a data frame each column is an input."""
        if kind != "text":
            return {"features": self.rows[1::2].astype(kind)}
        odd = self.rows[1::2]
        return {
            name: odd[[name]].to_numpy(object if name in self.words else np.float64)
            for name in odd.columns
        }


@cache
def data_of(name: str) -> Data:
    if name == "iris with words":
        return _with_words()
    plain, _, how = name.partition(", ")
    rows, y = getattr(datasets, f"load_{plain}")(return_X_y=True)
    rows = np.asarray(rows[:600, COLUMNS.get(how, slice(None))], np.float64)
    return Data(StandardScaler().fit_transform(rows) if how == "scaled" else rows, y[:600])


def _with_words() -> Data:
    """Iris, two of whose columns are told in words."""
    rows, y = datasets.load_iris(return_X_y=True)
    sizes = np.asarray(["small", "middle", "large"], object)
    frame = pd.DataFrame(
        {
            "sepal_length": rows[:, 0],
            "sepal_width": rows[:, 1],
            "petal": sizes[np.digitize(rows[:, 2], [2.5, 5.0])],
            "width": sizes[np.digitize(rows[:, 3], [0.8, 1.7])],
        }
    )
    names = np.asarray(["setosa", "versicolor", "virginica"])
    return Data(frame, names[y], words=("petal", "width"))
