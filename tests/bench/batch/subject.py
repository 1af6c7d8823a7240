"""
What is measured: three models of thirty columns, trained and published as by a user; and rows.

A forest and boosted trees take several microseconds a row, a small network a fraction of one. Rows
are made as they are written, so that ten million of them never lie in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.bench.batch.model.train import COLUMNS, invented
from tests.support.project import Project

TEMPLATE = Path(__file__).parent / "model"
TITLES = {
    "forest": "random forest, 100 trees",
    "lightgbm": "LightGBM, 300 trees",
    "network": "network of 64 and 32 units",
}
NAMES = [f"x{number}" for number in range(COLUMNS)]
GROUP = 1 << 17  # rows of a row group
SEED = 11


@dataclass(frozen=True)
class Subject:
    """A project in which the models are published; `folder` is for whatever else a run makes."""

    project: Project
    folder: Path

    def built(self, model: str) -> Path:
        """What training and preparing left."""
        return self.project.root / ".wherry/build" / model

    def onnx(self, model: str) -> Path:
        """The ONNX file alone, for who runs it without Wherry."""
        return self.built(model) / "artifact/model.onnx"

    def rows(self, count: int) -> Path:
        """A Parquet file of so many rows, written once."""
        file = self.folder / f"rows-{count}.parquet"
        if not file.exists():
            write_rows(file, count)
        return file

    def whole(self, count: int) -> Path:
        """The same rows as one array, for who reads nothing."""
        file = self.folder / f"rows-{count}.npy"
        if not file.exists():
            np.save(file, np.concatenate(list(chunks(count))))
        return file


@contextmanager
def prepared(models: tuple[str, ...] = tuple(TITLES)) -> Iterator[Subject]:
    with TemporaryDirectory() as folder:
        project = Project.copy(Path(folder) / "checkout")
        for model in models:
            _write_model(project.root / "models" / model)
            framework = ["--with", model] if model == "lightgbm" else []
            project.wherry("train", model, *framework)
            project.wherry("prepare", model, "--publish")
        yield Subject(project, Path(folder))


def chunks(count: int) -> Iterator[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
    """The rows of a file, some at a time: always the same."""
    random = np.random.default_rng(SEED)
    for start in range(0, count, GROUP):
        yield invented(min(GROUP, count - start), random)[0]


def write_rows(file: Path, count: int) -> None:
    """Row groups as large as engines write them."""
    schema = pa.schema([(name, pa.float32()) for name in NAMES])
    with pq.ParquetWriter(file, schema) as writer:
        for rows in chunks(count):
            columns = [np.ascontiguousarray(column) for column in rows.T]
            writer.write_table(pa.table(columns, schema=schema))


def _write_model(folder: Path) -> None:
    folder.mkdir()
    name = folder.name
    features = "".join(f'\n[[features]]\nname = "{each}"\nexample = 0.0\n' for each in NAMES)
    (folder / "model.toml").write_text(
        f'[model]\nname = "{name}"\ntask = "classification"\ndescription = "Buys, or not."\n'
        f'{features}\n[train]\nestimator = "{name}"\n'
    )
    (folder / "train.py").write_text((TEMPLATE / "train.py").read_text())
    (folder / "golden.json").write_text((TEMPLATE / "golden.json").read_text())
    (folder / "CARD.md").write_text((TEMPLATE / "CARD.md").read_text().replace("{name}", name))
