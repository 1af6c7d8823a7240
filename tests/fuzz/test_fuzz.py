"""A bounded coverage-guided run; a longer one is a command (see the target's docstring)."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("atheris", reason="atheris has wheels for Linux on x86-64 only")

RUNS = 20_000


def test_no_request_gets_anything_but_an_answer_or_a_request_error(
    root: Path, tmp_path: Path
) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.any_request", str(tmp_path / "corpus"),
         f"-runs={RUNS}", "-seed=1", "-max_len=400", f"-artifact_prefix={tmp_path}/"],
        cwd=root, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert found.returncode == 0, found.stderr[-3000:]
    assert f"Done {RUNS} runs" in found.stderr
