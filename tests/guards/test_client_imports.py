"""The Python client needs four libraries and no model; nothing else of Wherry needs the client."""

import ast
from pathlib import Path

from tests.support.lambda_process import python

ROOT = Path(__file__).resolve().parents[2]
RUNTIME = ROOT / "layers/runtime/python/wherry"
# NumPy, httpx, msgspec and orjson, and what httpx itself needs.
NEEDED = (
    "numpy", "httpx", "msgspec", "orjson",
    "anyio", "certifi", "h11", "httpcore", "idna", "sniffio", "typing_extensions",
)  # fmt: skip

_IMPORT = f"""
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top not in sys.stdlib_module_names and top not in {(*NEEDED, "wherry")!r}:
            raise ImportError(name + " is not there")

sys.meta_path.insert(0, Refuse())
from wherry.client import *
Client("http://localhost", auth=SigV4(Keys("id", "secret"), "eu-central-1")).close()
print(*{{name.partition(".")[0] for name in sys.modules}})
"""


def test_the_client_starts_where_only_its_libraries_are_installed() -> None:
    done = python(_IMPORT, environment={})

    assert done.returncode == 0, done.stderr
    assert {"httpx", "numpy"} <= set(done.stdout.split())
    assert "onnxruntime" not in done.stdout.split()


def test_the_refusal_can_fail() -> None:
    done = python(_IMPORT.replace("wherry.client", "wherry.service"), environment={})

    assert "onnxruntime is not there" in done.stderr or "obstore is not there" in done.stderr


def test_nothing_else_of_the_data_plane_imports_the_client() -> None:
    others = [path for path in RUNTIME.rglob("*.py") if RUNTIME / "client" not in path.parents]

    assert [str(path) for path in others if _imports_client(path)] == []
    assert _imports_client(RUNTIME / "client/__init__.py")


def _imports_client(path: Path) -> bool:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{each.name}" for each in node.names)]
        elif isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        else:
            continue
        if any(name == "wherry.client" or name.startswith("wherry.client.") for name in names):
            return True
    return False
