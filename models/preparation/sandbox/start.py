"""
The first thing that runs in a child: confine it, then run the module that answers.

It is run as a file: `models.preparation` imports numpy, whose threads would start before the
confinement and stay outside it. So both packages are bare until it is done.
"""

import json
import os
import runpy
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
PATHS = (ROOT, ROOT / "layers/runtime/python", ROOT / "layers/control/python")
BARE = {"models": HERE.parents[1], "models.preparation": HERE.parent}
ANSWERS = 100  # the descriptor of the answers; what libraries print goes to the log


def main() -> None:
    """`start.py MODULE TOLD`."""
    os.dup2(1, ANSWERS)
    os.dup2(2, 1)
    module, told = sys.argv[1:]
    for name, folder in BARE.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__path__ = [str(folder)]
    _confine(module, json.loads(told))
    for name in BARE:
        del sys.modules[name]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _confine(module: str, told: dict[str, Any]) -> None:
    from models.preparation.sandbox.confine import confine
    from models.preparation.sandbox.kernel import Linux
    from models.preparation.sandbox.limits import Limits
    from models.preparation.sandbox.served import tell
    from wherry.errors import WherryError

    own = (HERE.parents[1] / "__init__.py", HERE.parent, *PATHS[1:], _folder_of(module))
    readable = {each for each in (*own, *map(Path, told["readable"])) if each.exists()}
    try:
        confine(Linux(), Limits(**told["limits"]), Path(told["folder"]), readable, ROOT)
    except WherryError as error:
        tell({"error": error})
        sys.exit(1)


def _folder_of(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).parent


if __name__ == "__main__":
    main()
