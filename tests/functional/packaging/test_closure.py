"""
The tree of a ZIP function, which holds what the image holds: small, whole, and told of in full.

Built for this Python, once for all tests. `-S` keeps what is installed here out of an interpreter.
"""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from infra.packaging import Tree, build_zip
from infra.packaging.wheels import lock_for
from tests.support.events import Call, rest_api_v1
from tests.support.services import published

ROOT = Path(__file__).resolve().parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
# numpy 2.4, the last one for Python 3.11, carries a Fortran runtime that later ones do without.
LARGEST_MB = {"3.11": 115}.get(PYTHON, 110)
WORKERS_LARGEST_MB = 120 + LARGEST_MB  # Lambda takes 262
NEVER = (
    "sklearn", "scipy", "torch", "pandas", "sympy", "boto3", "botocore", "typer", "rich", "onnx",
    "skl2onnx", "skops", "google.protobuf", "uvicorn", "httpx", "grpc", "wherry_control", "cli",
    "infra", "models", "PIL", "tokenizers", "numpy.random", "onnxruntime.quantization",
)  # fmt: skip

_FIND = """
import importlib.util, json, sys
def there(name):
    try: return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError: return False
print(json.dumps([name for name in sys.argv[1:] if there(name)]))
"""
_ANSWER = """
import json, sys
from functions.inference.api import handler
print(json.dumps([handler(event, None) for event in json.load(sys.stdin)]))
"""
_WORK = """
import importlib, io, pkgutil, sys
import pyarrow as pa, pyarrow.compute as pc, pyarrow.csv, pyarrow.json, pyarrow.parquet as pq
import wherry.aws, wherry.batch, wherry.jobs, wherry.queue
for package in (wherry.aws, wherry.batch, wherry.jobs, wherry.queue):
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
rows = pa.table({"n": [1, 2, 3], "text": ["a", None, "c"]})
def kept(write, read):
    sink = io.BytesIO()
    write(sink)
    return read(io.BytesIO(sink.getvalue()))
found = kept(lambda sink: pq.write_table(rows, sink), pq.read_table)
assert found == rows
assert kept(lambda sink: pa.csv.write_csv(rows, sink), pa.csv.read_csv).num_rows == 3
assert pa.json.read_json(io.BytesIO(b'{"n": 1}\\n{"n": 2}')).num_rows == 2
assert pc.sum(found["n"]).as_py() == 6
import numpy as np
assert pa.array(found["n"].to_numpy() * np.float32(2)).to_pylist() == [2.0, 4.0, 6.0]
import boto3
for service in ("dynamodb", "lambda", "s3", "sqs", "sts"):
    boto3.client(service, region_name="us-east-1")
print("done")
"""
_SUITE = """
import importlib.util, sys, numpy, onnxruntime
tree, whole, *words = sys.argv[1:]
assert all(each.__file__.startswith(tree) for each in (numpy, onnxruntime)), numpy.__file__
for name in ("random", "testing"):
    folder = f"{whole}/{name}"
    spec = importlib.util.spec_from_file_location(
        f"numpy.{name}", f"{folder}/__init__.py", submodule_search_locations=[folder])
    lent = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lent)
    setattr(numpy, name, lent)
import pytest
sys.exit(pytest.main(["-q", "-x", "-p", "no:cacheprovider", *words]))
"""


@pytest.fixture(scope="session")
def tree() -> Tree:
    return build_zip(ROOT, python=PYTHON)


@pytest.fixture(scope="session")
def of_workers() -> Tree:
    return build_zip(ROOT, python=PYTHON, extras=("batch", "queue"))


@pytest.fixture(scope="session")
def with_images() -> Tree:
    return build_zip(ROOT, python=PYTHON, extras=("image",))


def alone(
    tree: Tree, code: str, *words: str, told: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `code` in an interpreter that has this tree and the standard library, no more."""
    return subprocess.run(
        [sys.executable, "-S", "-c", code, *words],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tree.folder), **environment},
        cwd=tree.folder,
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )


def found(tree: Tree, names: Sequence[str]) -> list[str]:
    done = alone(tree, _FIND, *names)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_it_is_small(tree: Tree, capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\nclosure: {tree.bytes / 1e6:.1f} MB for Python {PYTHON}")  # noqa: T201 - a figure to watch

    assert tree.bytes <= LARGEST_MB * 1e6


def test_what_a_prediction_does_not_need_cannot_be_imported(tree: Tree) -> None:
    assert found(tree, NEVER) == []


def test_the_guard_can_fail(tree: Tree) -> None:
    wanted = ["numpy", "onnxruntime", "fastapi", "wherry.session"]

    assert found(tree, [*wanted, "sklearn"]) == wanted


def test_it_answers_a_prediction_with_nothing_else_installed(tree: Tree, tmp_path: Path) -> None:
    tensor = {"name": "features", "datatype": "FP32", "shape": [1, 4], "data": [1, 2, 3, 4]}
    body = json.dumps({"inputs": [tensor]}).encode()
    events = [
        rest_api_v1(Call("POST", "/v2/models/tiny/infer", body)),
        rest_api_v1(Call("GET", "/openapi.json")),
    ]

    done = alone(tree, _ANSWER, told=json.dumps(events), **published(tmp_path / "store"))

    assert done.returncode == 0, done.stderr
    prediction, page = json.loads(done.stdout.splitlines()[-1])
    assert (prediction["statusCode"], page["statusCode"]) == (200, 200)
    assert json.loads(prediction["body"])["outputs"][0]["data"] == [20.0]


def test_the_suite_of_the_runtime_passes_in_it(tree: Tree) -> None:
    """With the trimmed NumPy and ONNX Runtime; what only tests use of NumPy is lent to them."""
    environment = {**os.environ, "PYTHONPATH": str(tree.folder)}
    whole = str(Path(np.__file__).parent)
    command = [sys.executable, "-c", _SUITE, str(tree.folder), whole, "tests/unit/runtime"]

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout[-4000:]


def test_a_scanner_sees_every_package_of_the_lock(tree: Tree) -> None:
    lock = (ROOT / "requirements/runtime.txt").read_text()
    kept = lock_for(lock, python=PYTHON, machine="x86_64")
    locked = set(re.findall(r"^([\w.-]+)==([\w.]+)", kept, re.MULTILINE))

    seen = {
        (each.metadata["Name"].lower().replace("_", "-"), each.version)
        for each in importlib.metadata.distributions(path=[str(tree.folder)])
    }

    assert seen == locked


def test_workers_find_all_that_they_import_of_arrow_and_the_sdk(of_workers: Tree) -> None:
    """After the trimming, files of every format are written and read, and clients are made."""
    done = alone(of_workers, _WORK)

    assert done.stdout == "done\n", done.stderr


def test_what_workers_have_beside_requests_is_what_they_ask_for(
    of_workers: Tree, capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(f"\nclosure of workers: {of_workers.bytes / 1e6:.1f} MB for Python {PYTHON}")  # noqa: T201 - a figure to watch

    assert found(of_workers, NEVER) == ["boto3", "botocore"]
    assert of_workers.folder.name == "batch-queue"
    assert of_workers.bytes <= WORKERS_LARGEST_MB * 1e6


def test_pillow_is_there_for_models_of_images_alone(with_images: Tree) -> None:
    assert found(with_images, NEVER) == ["PIL"]
    assert with_images.folder.name == "image"
