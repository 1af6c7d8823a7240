"""The flow of docs/how-to/batch-with-prefect.md, run by the real Prefect as the page has it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from docs.blocks import blocks
from tests.support.project import ROOT, WHERRY, Project

PREFECT = ROOT / ".wherry/tools/clients-prefect/bin/python"
PAGE = ROOT / "docs/how-to/batch-with-prefect.md"
DELAYS = "[10, 60, 300]"
HEADER = "flower,sepal_length,sepal_width,petal_length,petal_width\n"
# Fails as long as there are lines in `fails`, each with an exit code; then it is `wherry` itself.
WHERRY_AT_TIMES = """#!/bin/sh
echo "$@" >> {log}
if [ -s {fails} ]; then
  code=$(head -n 1 {fails})
  sed -i 1d {fails}
  echo '{{"error": {{"what": "it failed"}}}}'
  exit "$code"
fi
exec {wherry} "$@"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = Project.copy(tmp_path_factory.mktemp("prefect") / "checkout")
    for step in ("train", "prepare", "publish"):
        made.wherry(step, "iris")
    folder = made.root / "flowers"
    folder.mkdir()
    rows = [f"f{number},5.{number % 10},3.5,1.4,0.2\n" for number in range(20)]
    (folder / "monday.csv").write_text(HEADER + "".join(rows) + "f20,wet,3.5,1.4,0.2\n")
    return made


class Flow:
    """The page's flow in a folder of its own, with a `wherry` that fails as it is told to."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._project, self._folder = project, folder
        self._log, self._fails = folder / "log", folder / "fails"
        self._log.touch()
        self._fails.touch()
        (folder / "bin").mkdir()
        command = folder / "bin/wherry"
        told = WHERRY_AT_TIMES.format(log=self._log, fails=self._fails, wherry=WHERRY)
        command.write_text(told)
        command.chmod(0o755)
        code = next(block.text for block in blocks(PAGE) if block.language == "python")
        assert DELAYS in code
        (folder / "score.py").write_text(code.replace(DELAYS, "[0, 0, 0]"))

    def run(self, *fails: int) -> subprocess.CompletedProcess[str]:
        """Its first calls of `wherry` exit with these codes."""
        assert PREFECT.exists(), "prefect is not installed: run `make setup`"
        self._fails.write_text("".join(f"{code}\n" for code in fails))
        environment = {
            "PATH": f"{self._folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self._folder),
            "PREFECT_HOME": str(self._folder / "home"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            "DO_NOT_TRACK": "1",
        }
        return subprocess.run(
            [str(PREFECT), str(self._folder / "score.py"), "monday"],
            cwd=self._project.root, env=environment, capture_output=True, text=True,
            check=False, timeout=180,
        )  # fmt: skip

    @property
    def calls(self) -> int:
        return len(self._log.read_text().splitlines())


@pytest.fixture
def flow(project: Project, tmp_path: Path) -> Flow:
    return Flow(project, tmp_path)


def test_the_flow_is_tried_again_and_reads_the_counts(project: Project, flow: Flow) -> None:
    done = flow.run(1, 1)

    told = done.stdout + done.stderr
    assert done.returncode == 0, told
    assert flow.calls == 3
    assert "21 rows = 20 predicted + 1 refused" in told
    out = project.root / "predictions/monday"
    assert f"why: {out}/_wherry/refused/" in told
    manifest = json.loads((out / "_wherry/manifest.json").read_text())
    assert (manifest["complete"], manifest["rows"]) == (True, 21)


def test_what_would_come_to_the_same_is_not_tried_again(flow: Flow) -> None:
    done = flow.run(3)

    assert done.returncode != 0
    assert flow.calls == 1
    assert "WillNotPass" in done.stdout + done.stderr
