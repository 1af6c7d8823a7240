"""
What `[batch]` of a model.toml says of every run, wherever it is done and whoever starts it.

All else in that table is the stack's (infra/workers.py), which reads this too, for its schedule.
"""

import tomllib
from pathlib import Path
from typing import Any

from wherry.errors import ConfigurationError

TABLE, ROWS = "batch", "part_rows"


def part_rows(folder: Path) -> int:
    """The bound of a part's rows, of a model's folder; 0 where there is none."""
    file = folder / "model.toml"
    try:
        table = tomllib.loads(file.read_text()).get(TABLE, {})
    except (OSError, ValueError) as error:
        raise ConfigurationError(str(file), str(error), "Correct the file.") from error
    told: Any = table.get(ROWS, 0) if isinstance(table, dict) else 0
    if type(told) is not int or told < 0:
        raise ConfigurationError(
            f"{file}: [{TABLE}] {ROWS}",
            f"{told!r} is not allowed",
            "Allowed: a whole number from 0",
        )
    return told
