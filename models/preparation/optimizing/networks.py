"""Networks of PyTorch made smaller and taught again: pruned, or students of one hidden layer."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from models.preparation.carried import raised
from models.preparation.optimizing.subject import OF_LABELS, OF_MODEL
from models.preparation.sandbox.start import PATHS
from models.preparation.sources.crossing import write_arrays
from models.preparation.sources.environments import python_of
from models.preparation.sources.source import Task
from wherry.errors import ConfigurationError

CHILD = "models.preparation.optimizing.torch_child"


@dataclass(frozen=True)
class NetworkRetrain:
    """
    A Retrain. `program` is the `.pt2` that training kept. `X` is what it takes, FP32; `y` the index
    of each row's class, or its numbers. `to_onnx` converts any such program.
    """

    program: Path
    X: NDArray[Any]
    y: NDArray[Any]
    task: Task
    to_onnx: Callable[[Path], bytes]

    @property
    def offers(self) -> Mapping[str, str]:
        """See Retrain."""
        return {
            "pruned_half": "half of the channels, retrained",
            "pruned_quarter": "a quarter of the channels, retrained",
            OF_LABELS: "one layer of 32, of labels",
            OF_MODEL: "one layer of 32, of this model",
        }

    def learn(self, name: str) -> bytes:
        """See Retrain; raise ToolError if PyTorch's environment is missing."""
        with tempfile.TemporaryDirectory(prefix="wherry-") as scratch:
            folder = Path(scratch)
            rows, out, fault = (folder / each for each in ("rows.npz", "out.pt2", "fault.json"))
            asked = {
                "program": str(self.program),
                "rows": str(rows),
                "names": write_arrays(rows, {"X": self.X, "y": self.y}),
                "name": name,
                "task": self.task,
                "out": str(out),
                "fault": str(fault),
            }
            done = subprocess.run(
                [str(python_of("torch")), "-P", "-m", CHILD, json.dumps(asked)],
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, PATHS))},
                check=False,
                capture_output=True,
                text=True,
            )
            if fault.is_file():
                raise raised(json.loads(fault.read_bytes()))
            if done.returncode:
                lines = done.stderr.strip().splitlines() or ["no reason told"]
                raise ConfigurationError("the network", f"PyTorch fails on it ({lines[-1][:200]})")
            return self.to_onnx(out)
