"""
Batch prediction costs little more than the model: read, judged, predicted and written, against a
bare `session.run` on rows that lie in memory.

In CPU time of one process, which neighbours on the machine change least, and as a ratio of one run.
`make bench ARGS=batch` measures the command itself, on a million rows and more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from onnx import helper

from tests.support.batches import done
from tests.support.onnx_models import onnx_model, sealed, spec
from tests.support.services import service_of
from tests.support.timing import lowest
from wherry.artifact import Artifact
from wherry.batch.partition import CHUNK_ROWS
from wherry.manifest import MODEL, Feature
from wherry.service import Service
from wherry.session import Session

ROWS, COLUMNS, UNITS = 100_000, 30, 384
OF_BARE = 1.5  # times what the model alone takes
TRIES = 2


@dataclass(frozen=True)
class Data:
    """The same rows in memory and in a file, and a model of a few microseconds a row."""

    rows: np.ndarray[Any, Any]
    file: Path
    artifact: Artifact


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    rows = np.random.default_rng(7).standard_normal((ROWS, COLUMNS), np.float32).round(2)
    file = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.table(list(rows.T.copy()), names=[f"x{at}" for at in range(COLUMNS)]), file)
    return Data(rows, file, _network())


def test_a_partition_takes_little_more_than_the_model_alone(data: Data, tmp_path: Path) -> None:
    service = service_of(data.artifact)
    session = Session(data.artifact.files[MODEL], threads=1)
    tries = iter(range(1_000))

    def ratio() -> float:
        ours = [
            _cpu(lambda: _partition(service, data.file, tmp_path / f"out-{next(tries)}"))
            for _ in range(TRIES)
        ]
        bare = [_cpu(lambda: _bare(session, data.rows)) for _ in range(TRIES)]
        return min(ours) / min(bare)

    assert lowest(OF_BARE, ratio) <= OF_BARE


def _partition(service: Service, source: Path, output: Path) -> None:
    assert done(service, source, output).predicted == ROWS


def _bare(session: Session, rows: np.ndarray[Any, Any]) -> None:
    for start in range(0, len(rows), CHUNK_ROWS):
        session.run(["y"], {"x": rows[start : start + CHUNK_ROWS]})


def _cpu(do: Callable[[], None]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def _network() -> Artifact:
    random = np.random.default_rng(7)
    sizes = [COLUMNS, UNITS, UNITS, 1]
    constants, nodes, flow = {}, [], "x"
    for at, pair in enumerate(pairwise(sizes)):
        weights = random.standard_normal(pair) / np.sqrt(pair[0])
        constants[f"w{at}"] = weights.astype(np.float32)
        nodes.append(helper.make_node("MatMul", [flow, f"w{at}"], [f"m{at}"]))
        nodes.append(helper.make_node("Tanh", [f"m{at}"], [f"t{at}"]))
        flow = f"t{at}"
    nodes.append(helper.make_node("Identity", [flow], ["y"]))
    inputs, outputs = [spec("x", "FP32", (-1, COLUMNS))], [spec("y", "FP32", (-1, 1))]
    features = [Feature(name=f"x{at}") for at in range(COLUMNS)]
    model = onnx_model(nodes, inputs, outputs, constants)
    return sealed(model, inputs, outputs, name="network", features=features)
