"""NaN in Parquet is a number that is missing, and infinity is none, as in the other formats."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.batches import done, refused, written
from tests.support.onnx_models import identity
from tests.support.plain_models import imputing
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.limits import Limits

NOT_FINITE = '"x": NaN or infinity came; finite numbers are wanted'


@pytest.mark.parametrize("kind", [pa.float16(), pa.float32(), pa.float64()])
@pytest.mark.parametrize(
    ("artifact", "nonfinite", "rows"),
    [(identity(), "allow", [2, 3]), (imputing(), "allow", [3]), (imputing(), "refuse", [2, 3])],
    ids=["", "imputing", "imputing-refused"],
)
def test_nan_is_a_number_that_is_missing_and_infinity_is_no_number(
    tmp_path: Path, artifact: Artifact, nonfinite: Any, rows: list[int], kind: pa.DataType
) -> None:
    """As an empty cell of CSV and null in JSON are, and as `inf` and 1e999 are there."""
    column = pa.array(np.array([1.0, np.nan, np.inf], np.float16)).cast(kind)
    pq.write_table(pa.table({"x": column}), tmp_path / "in.parquet")
    service = service_of(artifact, limits=Limits(nonfinite=nonfinite))

    told = done(service, tmp_path / "in.parquet", tmp_path / "out")

    assert told.predicted == 3 - len(rows)
    reasons = {each["row"]: each["reason"] for each in refused(tmp_path / "out")}
    assert reasons == dict.fromkeys(rows, NOT_FINITE)


def test_nan_in_a_list_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "in/rows.parquet", [{"x": [1.0, 2.0]}, {"x": [1.0, float("nan")]}])

    told = done(service_of(identity(shape=(-1, 2))), tmp_path / "in", tmp_path / "out")

    assert (told.predicted, told.refused) == (1, 1)
