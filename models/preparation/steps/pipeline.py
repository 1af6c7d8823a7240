"""
The declared steps as NumPy does them: the truth that the folded model is held against.

`before` makes of what a client sends what the estimator takes; `after` makes of the estimator's
answers what the client gets. Training measures with both, and the certificate compares with both.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.steps.answers import Argmax, LabelMap, Labels, Threshold
from models.preparation.steps.images import Flatten, Resize
from models.preparation.steps.numbers import Impute, Normalize, OneHot, Scale, Softmax
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec
from wherry.media.images import ImageReader
from wherry.media.spec import ImageSpec

Rows = NDArray[Any]
INPUT = "features"
PreStep = Scale | Normalize | Impute | OneHot | Resize | Flatten
PostStep = Scale | Softmax | Argmax | Threshold | LabelMap


@dataclass(frozen=True)
class Answers:
    """Of a classifier its labels, probabilities and classes; of a regression only the numbers."""

    numbers: Rows
    label: Rows | None = None
    labels: Labels | None = None


@dataclass(frozen=True)
class Steps:
    """[pipeline] and [image] of the model.toml at `path`; without `input`, a table as it comes."""

    path: Path = Path("model.toml")
    input: TensorSpec | None = None
    image: ImageSpec | None = None
    pre: tuple[PreStep, ...] = ()
    post: tuple[PostStep, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.input or self.pre or self.post)

    @property
    def imputes(self) -> bool:
        """Whether a number may be missing."""
        return any(isinstance(step, Impute) for step in self.pre)

    def told(self) -> dict[str, Any]:
        """As they are written, for whoever reads the certificate."""
        lists = {"pre": self.pre, "post": self.post}
        told: dict[str, Any] = {
            name: [each.model_dump(exclude_unset=True) for each in steps]
            for name, steps in lists.items()
        }
        declared = self.input
        told["input"] = declared and [declared.name, declared.datatype, list(declared.shape)]
        return told

    def tensor(self, columns: int) -> TensorSpec:
        """What a client sends: as declared, or a table of so many columns."""
        return self.input or TensorSpec(INPUT, "FP32", (-1, columns))

    def read(self, files: Iterable[bytes]) -> Rows:
        """Image files as rows that a client could send as well."""
        if self.image is None or self.input is None:
            raise ConfigurationError(str(self.path), "there is no [image]", "Write one.")
        reader = ImageReader(self.image, self.input)
        return np.concatenate([reader.read(file) for file in files])

    def before(self, rows: Rows) -> Rows:
        """What the estimator takes: float32 columns."""
        rows = np.ascontiguousarray(rows, np.float32)
        for number, step in enumerate(self.pre, 1):
            with self.blamed("pre", number):
                rows = step.apply(rows)
        return rows

    def after(self, answers: Answers) -> Answers:
        """What the client gets."""
        for number, step in enumerate(self.post, 1):
            with self.blamed("post", number):
                answers = _after(step, answers)
        return answers

    def renamed(self, truth: Rows, labels: Labels) -> tuple[Rows, Labels]:
        """What is true of held-out rows, and all labels, in the words of the final answers."""
        for number, step in enumerate(self.post, 1):
            if isinstance(step, LabelMap):
                with self.blamed("post", number):
                    truth, labels = step.rename(truth, labels), step.renamed(labels)
        return truth, labels

    @contextmanager
    def blamed(self, name: str, number: int) -> Iterator[None]:
        """What a step cannot do is told of the step in the file."""
        try:
            yield
        except ValueError as error:
            raise ConfigurationError(
                f"{self.path}: [pipeline.{name} {number}]", str(error)
            ) from error


NO_STEPS = Steps()


def labels_of(estimator: Any) -> Labels | None:
    """Its classes, as they are told to a client; a regression has none."""
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        return None
    return [each if isinstance(each, str) else int(each) for each in np.asarray(classes).tolist()]


def ask(estimator: Any, rows: Rows, task: str) -> Answers:
    """What the estimator itself answers."""
    answers = np.asarray(estimator.predict(rows))
    if task == "classification":
        return Answers(np.asarray(estimator.predict_proba(rows)), answers, labels_of(estimator))
    return Answers(answers.reshape(len(rows), -1))


def _after(step: PostStep, answers: Answers) -> Answers:
    if isinstance(step, Scale | Softmax):
        return replace(answers, numbers=step.apply(answers.numbers))
    if answers.label is None or answers.labels is None:
        raise ValueError(f"a regression has no labels, so {step.kind} has nothing to do")
    if isinstance(step, LabelMap):
        label, labels = step.rename(answers.label, answers.labels), step.renamed(answers.labels)
        return replace(answers, label=label, labels=labels)
    return replace(answers, label=step.decide(answers.numbers, answers.labels))
