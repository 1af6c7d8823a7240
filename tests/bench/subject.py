"""What is measured: iris, trained and published in a checkout of its own, as by a user."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support.project import Project

ROW = [5.1, 3.5, 1.4, 0.2]
INFER = "/v2/models/iris/infer"
BODY = b'{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}'


@dataclass(frozen=True)
class Subject:
    """A project in which iris is published; `folder` is for whatever else a run makes."""

    project: Project
    folder: Path

    @cached_property
    def environment(self) -> dict[str, str]:
        """In which the handler of the release runs."""
        told: dict[str, str] = self.project.wherry("env", "iris")
        return told

    @property
    def model(self) -> Path:
        """The ONNX file alone, for those who serve it without Wherry."""
        return self.project.root / ".wherry/build/iris/artifact/model.onnx"

    @property
    def estimator(self) -> Path:
        """The trained estimator, as skops keeps it."""
        return self.project.root / ".wherry/build/iris/estimator.skops"


@contextmanager
def prepared() -> Iterator[Subject]:
    with TemporaryDirectory() as folder:
        project = Project.copy(Path(folder) / "checkout")
        for verb in ("train", "prepare", "publish"):
            project.wherry(verb, "iris")
        yield Subject(project, Path(folder))
