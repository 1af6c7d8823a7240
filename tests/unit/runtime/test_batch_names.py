"""A column that is carried through has a name that no column of an output has."""

from typing import Any

import pytest

from tests.support.onnx_models import identity
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.batch.results import Results
from wherry.errors import RefusedError

WIDE, ANY = identity(shape=(-1, 2, 2)), identity(shape=(-1, -1))


@pytest.mark.parametrize("to", ["csv", "parquet"])
@pytest.mark.parametrize(
    ("artifact", "name"),
    [
        (classifier(), "label"), (classifier(), "probabilities.yes"), (WIDE, "y.0"), (WIDE, "y.3"),
        (ANY, "y"), (ANY, "y.12"),
    ],
)  # fmt: skip
def test_one_that_has_is_refused(artifact: Artifact, name: str, to: Any) -> None:
    with pytest.raises(RefusedError, match=f'column "{name}": it is to be kept, and an output'):
        Results(service_of(artifact).manifest).check_names(["key", name], to)


@pytest.mark.parametrize(
    ("artifact", "name", "to"),
    [
        (classifier(), "label.yes", "csv"), (classifier(), "probabilities.0", "csv"),
        (classifier(), "probabilities.yes", "jsonl"), (WIDE, "y.4", "csv"), (WIDE, "y.x", "csv"),
        (WIDE, "y.03", "csv"), (WIDE, "y.0", "jsonl"), (ANY, "y.x", "parquet"),
    ],
)  # fmt: skip
def test_one_that_has_not_is_kept(artifact: Artifact, name: str, to: Any) -> None:
    Results(service_of(artifact).manifest).check_names(["key", name], to)
