"""An estimator with scikit-learn's interface: trained in this process, or opened in a child."""

from collections.abc import Iterable
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.convert import tensors_of
from models.preparation.sources.columns import columns_of
from models.preparation.sources.conversion import converted, needs_double
from models.preparation.sources.outputs import TASKS, answers_of, family_of, outputs_of, role_of
from models.preparation.sources.parts import parts
from models.preparation.sources.source import Facts, Task, Values
from models.preparation.steps.pipeline import labels_of
from wherry.manifest import TensorSpec
from wherry.protocol.datatypes import TO_NUMPY

LIBRARIES = ("scikit-learn", "numpy", "skl2onnx")
FRAMEWORKS = {"xgboost": "xgboost-cpu", "lightgbm": "lightgbm", "catboost": "catboost"}


class EstimatorSource:
    """
    Whatever scikit-learn's interface has: classifiers, regressions, transformers and the like.

    `columns` is how many it takes, where it does not know; `inputs` win over what is inferred of
    its columns; `notes` is what opening it told.
    """

    def __init__(
        self,
        estimator: Any,
        *,
        columns: int | None = None,
        task: Task | None = None,
        inputs: tuple[TensorSpec, ...] = (),
        notes: Iterable[str] = (),
    ) -> None:
        self._estimator = estimator
        self._role = role_of(estimator, task)
        self._columns = columns_of(estimator, columns, inputs)
        self._notes = tuple(notes)

    @cached_property
    def facts(self) -> Facts:
        """Where only the converted model knows what it answers, it is converted for that."""
        from models.preparation.fitness import estimator_name

        outputs = outputs_of(self._estimator, self._role)
        labels = TASKS[self._role] == "classification"
        return Facts(
            estimator=getattr(self._estimator, "title", None) or estimator_name(self._estimator),
            task=TASKS[self._role],
            family=family_of(self._estimator),
            inputs=self._columns.specs(),
            outputs=outputs or tensors_of(self._converted),
            labels=labels_of(self._estimator) if labels else None,
            columns=self._columns.names,
            libraries=_versions(self._estimator),
            notes=self._notes,
        )

    def convert(self) -> bytes:
        """See Source."""
        return self._converted

    @cached_property
    def _converted(self) -> bytes:
        return converted(self._estimator, self._columns, self._role)

    def answer(self, feeds: Values) -> dict[str, NDArray[Any]]:
        """See Source."""
        if not len(next(iter(feeds.values()))):
            return {
                each.name: np.empty((0, *np.maximum(each.shape[1:], 0)), TO_NUMPY[each.datatype])
                for each in self.facts.outputs
            }
        rows = self._columns.rows(feeds)
        if needs_double(self._estimator) and not self._columns.apart:
            rows = rows.astype(np.float64)  # some refuse other rows than those that they learnt
        with np.errstate(all="ignore"):  # sums that tell whether rows are finite
            return answers_of(self._estimator, self._role, rows)


def _versions(estimator: Any) -> dict[str, str]:
    modules = {
        told.library if (told := getattr(each, "told", None)) else type(each).__module__
        for each in parts(estimator)
    }
    libraries = {each.partition(".")[0] for each in modules}
    names = [*LIBRARIES, *(FRAMEWORKS[each] for each in sorted(libraries & FRAMEWORKS.keys()))]
    return {name: _version(name) for name in names}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return version(name.removesuffix("-cpu"))
