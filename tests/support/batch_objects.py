"""Objects of a bucket that a batch run reads."""

import csv
import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def of_ten_rows() -> dict[str, bytes]:
    """By key: one of each format, a row of the CSV without its number, and a mark: no data."""
    columns = {"weight": np.arange(10.0), "size, in cm": np.full(10, 4.5), "key": np.arange(10)}
    file = io.BytesIO()
    pq.write_table(pa.table(columns), file, row_group_size=4)
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    lines = "".join(json.dumps({k: float(v) for k, v in row.items()}) + "\n" for row in rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)
    return {
        "in/a b.parquet": file.getvalue(),
        "in/deep/b.jsonl": lines.encode(),
        "in/c.csv": text.getvalue().replace("9.0", "?").encode(),
        "in/_SUCCESS": b"x",
    }
