"""What a cold start may have to read: the function's files, against the wheels as they are."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.packaging import build_zip
from tests.bench.report import Row, Section
from tests.bench.subject import Subject
from tests.support.project import ROOT

TITLE = "Size"
ALLOWED = 110e6
NOTES = (
    "The ZIP package of the function without a model, unpacked, for the Python of this run (that of"
    " 3.12 and later is smaller); beside it the wheels of its lock as they come."
)


def section(_: Subject) -> Section:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    ours = build_zip(ROOT, python=python).bytes
    wheels = _unpacked(ROOT / "requirements/runtime.txt")
    shown = f"{ours / 1e6:.0f} MB"
    rows = [
        Row("function, unpacked", shown, f"{ALLOWED / 1e6:.0f} MB allowed", ours / ALLOWED, 1.0),
        Row("function, unpacked", shown, f"{wheels / 1e6:.0f} MB of wheels", ours / wheels),
    ]
    return Section("sizes", TITLE, NOTES, rows)


def _unpacked(lock: Path) -> int:
    uv = str(Path(sys.executable).with_name("uv"))
    with TemporaryDirectory() as folder:
        install = [uv, "pip", "install", "--quiet", "--system-certs", "--require-hashes"]
        subprocess.run([*install, "--target", folder, "-r", str(lock)], check=True)
        return sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
