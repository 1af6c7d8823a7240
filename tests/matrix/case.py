"""One row of the matrix: an estimator, the data that it learns, and how it is called."""

from dataclasses import dataclass
from typing import Any

from models.preparation.fitness import estimator_name
from models.preparation.sources.estimators import EstimatorSource
from tests.matrix.data import data_of


@dataclass(frozen=True)
class Case:
    name: str
    estimator: Any
    data: str

    def source(self) -> EstimatorSource:
        """It learns, and becomes a source; raise ConfigurationError if it cannot be one."""
        rows, truth = data_of(self.data).learnt
        self.estimator.fit(rows, truth)
        columns = None if data_of(self.data).words else rows.shape[1]
        return EstimatorSource(self.estimator, columns=columns)


def case(estimator: Any, data: str, how: str = "") -> Case:
    return Case(estimator_name(estimator) + (f" ({how})" if how else ""), estimator, data)
