"""Open a file that nobody has vouched for, in a child: `Child("tests.support.opens", …)`."""

from pathlib import Path
from typing import Any

import numpy as np

from models.preparation.sandbox.served import serve
from models.preparation.untrusted.pickles import load, opened, scan


def scanned(path: str) -> dict[str, Any]:
    told = scan(Path(path))
    return {"globals": [*told.globals], "libraries": sorted(told.libraries)}


def answered(path: str, rows: str) -> dict[str, Any]:
    """What the model in `path` says of the rows in `rows`; `rows` are a table if it is CSV."""
    import pandas as pd

    table = pd.read_csv(rows) if rows.endswith(".csv") else None
    model = opened(Path(path))
    given = np.load(rows) if table is None else table
    return {"kind": type(model).__name__, "answers": np.ravel(model.predict(given)).tolist()}


def loaded(path: str) -> dict[str, Any]:
    """Without the scan before: the second lock alone."""
    return {"kind": type(load(Path(path))).__name__}


if __name__ == "__main__":
    serve({each.__name__: each for each in (scanned, answered, loaded)})
