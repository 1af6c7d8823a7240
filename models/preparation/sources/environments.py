"""
The environments that frameworks live in: one a group of dependencies, made when it is first needed.

`requirements/source-<group>.txt` says what is in one; `make source-<group>` makes it. What needs no
framework of its own (scikit-learn, ONNX) runs in the environment of the command.
"""

import sys
from pathlib import Path
from typing import Literal

from wherry.errors import ToolError

Group = Literal["xgboost", "lightgbm", "catboost", "torch", "tensorflow", "mlflow"]
TOOLS = Path(__file__).parents[3] / ".wherry" / "tools"


def python_of(group: Group | None, tools: Path = TOOLS) -> Path:
    """The interpreter of a group (None: this one); ToolError, with what to run, if it is absent."""
    if group is None:
        return Path(sys.executable)
    folder = tools / f"source-{group}"
    if not (folder / ".ready").is_file():
        raise ToolError(
            f"models of {group}", "what reads them is not installed", f"Run `make source-{group}`."
        )
    return folder / "bin" / "python"
