"""The libraries that only training and conversion need; a served model never has them."""

import importlib.util

from wherry.errors import ToolError

LIBRARIES = ("sklearn", "skl2onnx", "skops", "onnx")
INSTALL = (
    "Run `make setup`, or `.venv/bin/uv pip install --require-hashes -r requirements/prepare.txt`."
)


def need(*names: str) -> None:
    """Raise ToolError, with the command that installs them, if any of these cannot be imported."""
    missing = [name for name in names or LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ToolError("model preparation", f"{' and '.join(missing)} cannot be imported", INSTALL)
