"""What a `train.py` asks of the model.toml beside it."""

from pathlib import Path

from models.preparation.config import read_config
from models.preparation.steps.pipeline import Steps


def steps_of(script: str) -> Steps:
    """
    The declared steps. `.before(rows)` are the columns to learn from, `.read(files)` the rows that
    image files become: training sees what serving makes of a request, by the same file.
    """
    return read_config(Path(script).parent).steps
