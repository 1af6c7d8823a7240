"""The layer of the small functions is whole, and brings nothing that predicts."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.packaging import Tree, build_operations
from infra.packaging.finish import size_of

ROOT = Path(__file__).resolve().parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LARGEST_MB = 25
HANDLERS = ("rollout_tick", "evidence_rollup")
# boto3 is Lambda's own, and imported when a handler is first called.
_IMPORT = """
import importlib, sys
sys.path[:0] = sys.argv[1:]
importlib.import_module("handler")
foreign = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names)
print(*sorted(each for each in foreign if not each.startswith("_")))
"""


@pytest.fixture(scope="module")
def layer() -> Tree:
    return build_operations(ROOT, python=PYTHON)


@pytest.mark.parametrize("noun", HANDLERS)
def test_a_handler_finds_all_that_it_imports_in_the_layer(layer: Tree, noun: str) -> None:
    """`-S` keeps what is installed here out."""
    folders = [str(ROOT / "functions/operations" / noun), str(layer.folder / "python")]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _IMPORT, *folders],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    known = {"handler", "wherry", "wherry_control", "msgspec", "orjson", "obstore"}
    assert set(done.stdout.split()) <= known | {"typing_extensions"}


def test_it_is_small(layer: Tree) -> None:
    assert layer.bytes < LARGEST_MB * 1e6


def test_what_is_kept_is_compiled_for_where_it_will_lie(layer: Tree) -> None:
    """A layer is read-only: what is not compiled is compiled at each start."""
    modules = [path for path in layer.folder.rglob("*.py") if "__pycache__" not in path.parts]
    compiled = {path.stem.partition(".")[0] for path in layer.folder.rglob("*.pyc")}

    assert {path.stem for path in modules} <= compiled
    assert all(b"/opt/python/" in path.read_bytes() for path in layer.folder.rglob("errors.*.pyc"))


def test_it_is_the_same_when_it_is_made_again(layer: Tree, tmp_path: Path) -> None:
    """The CDK names a layer by its content: another name is another version of it."""
    for name in ("layers", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)

    again = build_operations(tmp_path, python=PYTHON)

    def told(folder: Path) -> dict[str, bytes]:
        files = (path for path in folder.rglob("*") if path.is_file())
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    assert size_of(again.folder) == layer.bytes
    assert told(again.folder) == told(layer.folder)
