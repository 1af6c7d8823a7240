"""The ways to answer the rows of a file: each as its user would start it, or, bare, the least."""

import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.batch.subject import Subject
from tests.bench.batch.watched import Took, watched
from tests.bench.child import told_by
from tests.support.project import ROOT, WHERRY

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
CHUNKS = (4096, 16384, 65536)
BY_PANDAS = ROOT / "tests/bench/children/batch_pandas.py"
PACKAGES = ROOT / ".wherry/tools/source-lightgbm/lib"


@dataclass(frozen=True)
class Ways:
    """Of one model; each way answers a file of `count` rows and tells what that took."""

    subject: Subject
    model: str
    cores: int = CORES

    def ours(self, count: int) -> Took:
        """The command, from its start to its end."""
        output = self.subject.folder / "predictions"
        shutil.rmtree(output, ignore_errors=True)
        source = str(self.subject.rows(count))
        words = ["batch", "run", self.model, "--here", "--input", source, "--output", str(output)]
        return watched([str(WHERRY), *words], self.subject.project.root, self._environment())

    def by_pandas(self, count: int) -> Took:
        """A script, from its start to its end."""
        files = [
            self.estimator(),
            self.subject.rows(count),
            self.subject.folder / "answers.parquet",
        ]
        words = [sys.executable, str(BY_PANDAS), *map(str, files), *map(str, self._packages())]
        return watched(words, self.subject.folder, self._environment())

    def session(self, count: int) -> float:
        """The best of the ways to share rows in memory out to all cores, in seconds."""
        rows = str(self.subject.whole(count))
        alone = [(chunk, self.cores, 1) for chunk in CHUNKS]
        tries = [*alone, (CHUNKS[1], 1, self.cores)] if self.cores > 1 else alone
        return min(
            float(told_by("batch_bare", self._onnx, rows, *map(str, each), release={}))
            for each in tries
        )

    @property
    def _onnx(self) -> str:
        return str(self.subject.onnx(self.model))

    def _packages(self) -> Sequence[Path]:
        """LightGBM's, behind those that are here already."""
        return sorted(PACKAGES.glob("python*/site-packages")) if self.model == "lightgbm" else ()

    def estimator(self) -> Path:
        """As joblib keeps it: made here, by this run, from the file that training wrote."""
        file = self.subject.folder / f"{self.model}.joblib"
        if not file.exists():
            kept = self.subject.built(self.model) / "estimator.skops"
            words = [sys.executable, "-c", AS_JOBLIB, str(kept), str(file)]
            watched([*words, *map(str, self._packages())], self.subject.folder, os.environ)
        return file

    def _environment(self) -> dict[str, str]:
        """Bytecode is kept from one run to the next, as it is where one installs by pip."""
        told = {
            "ORT_DISABLE_TELEMETRY": "1",
            "PYTHONPYCACHEPREFIX": str(self.subject.folder / "pyc"),
        }
        kept = {name: value for name, value in os.environ.items() if "BYTECODE" not in name}
        return {**kept, **told}


AS_JOBLIB = """
import sys, joblib, skops.io
sys.path.extend(sys.argv[3:])
unknown = skops.io.get_untrusted_types(file=sys.argv[1])
joblib.dump(skops.io.load(sys.argv[1], trusted=unknown), sys.argv[2])
"""
