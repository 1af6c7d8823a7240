"""
What a cold start of the inference function may import, and what it costs.

Each claim starts a fresh interpreter: this one has imported everything already.
"""

import json
from pathlib import Path

import pytest

from tests.support.lambda_process import python
from tests.support.services import published

NEVER = {
    "boto3", "botocore.session", "botocore.client", "s3transfer",
    "pyarrow", "sklearn", "scipy", "skl2onnx", "skops", "onnx", "torch", "pandas", "sympy", "PIL",
    "aws_cdk", "constructs", "jsii",
    "typer", "rich", "click", "uvicorn", "grpc", "httpx", "requests", "tomlkit", "jinja2",
    "aws_xray_sdk", "aws_lambda_powertools.event_handler", "aws_lambda_powertools.utilities.parser",
    "cli", "infra", "models", "wherry_control",
}  # fmt: skip

_IMPORT = """
import json, sys, time
started = time.perf_counter()
import functions.inference.api
took = time.perf_counter() - started
print(json.dumps({"took_ms": took * 1000, "modules": sorted(sys.modules)}))
"""


@pytest.fixture
def start(tmp_path: Path) -> dict[str, object]:
    done = python(_IMPORT, environment=published(tmp_path / "store"))
    assert done.returncode == 0, done.stderr
    told: dict[str, object] = json.loads(done.stdout)
    return told


def test_a_cold_start_imports_nothing_of_the_deny_list(
    start: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Powertools looks whether `botocore` is there: its bare package, and none of its modules."""
    modules = set(start["modules"])  # type: ignore[call-overload] # a list of names

    assert modules & NEVER == set()
    assert {name for name in modules if name.startswith("botocore")} <= {"botocore"}
    told = f"cold start: {start['took_ms']:.0f} ms, {len(modules)} modules"
    with capsys.disabled():
        print(f"\n{told}")  # noqa: T201 - a figure to watch


def test_it_starts_where_no_aws_sdk_is_installed(tmp_path: Path) -> None:
    without = "import sys; sys.modules['boto3'] = sys.modules['botocore'] = None\n"

    done = python(without + _IMPORT, environment=published(tmp_path / "store"))

    assert done.returncode == 0, done.stderr


def test_the_deny_list_can_fail() -> None:
    """The names are real: importing some of them puts them where the guard looks."""
    done = python("import boto3, uvicorn, sys; print(*sys.modules)", environment={})

    imported = set(done.stdout.split())
    assert imported >= {"boto3", "botocore.session", "s3transfer", "uvicorn", "click"}
