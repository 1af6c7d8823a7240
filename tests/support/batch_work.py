"""What a worker process of a test does: sent to it whole, so it is of a module of its own."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.support.batch_runs import receipt
from wherry.batch.contract import Receipt, Task
from wherry.errors import ArtifactError

LONGEST = 60  # seconds


@dataclass(frozen=True)
class Work:
    """
    Does each partition as its name says: `fatal…` ends its process, `weak…` only the first time,
    `broken…` raises what would befall every partition, `slow…` waits for its parent's end. Each
    try leaves a file in `folder` with the number of the process.
    """

    folder: Path

    def __call__(self, task: Task, count: Callable[[int], None]) -> Receipt:
        name = task.partition.name
        tries = len(list(self.folder.glob(f"{name}.*")))
        (self.folder / f"{name}.{tries}").write_text(str(os.getpid()))
        if name.startswith("fatal") or (name.startswith("weak") and not tries):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("broken"):
            raise ArtifactError("model.onnx", "it was altered", "Publish it again.")
        if name.startswith("slow"):
            signal.alarm(LONGEST)  # or ends by itself
            signal.pause()
        count(10)
        return receipt(name)
