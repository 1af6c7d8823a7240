"""An estimator with scikit-learn's interface: trained in this process, or opened in a child."""

from functools import cached_property
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES, convert, outputs_of
from models.preparation.sources.source import Facts, Task, Values
from models.preparation.steps.pipeline import INPUT, ask, labels_of
from wherry.manifest import TensorSpec


class EstimatorSource:
    """A classifier or regression of one table, `columns` wide."""

    def __init__(
        self, estimator: Any, *, columns: int | None = None, task: Task | None = None
    ) -> None:
        self._estimator = estimator
        self._columns = columns or estimator.n_features_in_
        self._task: Task = task or (
            "classification" if hasattr(estimator, "classes_") else "regression"
        )

    @cached_property
    def facts(self) -> Facts:
        from models.preparation.fitness import estimator_name

        labels = labels_of(self._estimator)
        return Facts(
            estimator=estimator_name(self._estimator),
            task=self._task,
            family="other",
            inputs=(TensorSpec(INPUT, "FP32", (-1, self._columns)),),
            outputs=outputs_of(labels),
            labels=labels,
            libraries={name: version(name) for name in ("scikit-learn", "numpy", "skl2onnx")},
        )

    def convert(self) -> bytes:
        """See Source."""
        return convert(self._estimator, columns=self._columns, task=self._task)

    def answer(self, feeds: Values) -> dict[str, NDArray[Any]]:
        """See Source."""
        answers = ask(self._estimator, feeds[INPUT], self._task)
        if answers.label is None:
            return {PREDICTION: np.asarray(answers.numbers)}
        return {LABEL: answers.label, PROBABILITIES: answers.numbers}
