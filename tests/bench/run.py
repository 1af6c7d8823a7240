"""
Speed and size, as ratios against a baseline of the same run: `make bench`.

Machines are shared and noisy, so each figure is the best of several tries, and each stands beside
something that costs what it costs whoever wrote it: a bare interpreter, the bare imports, the bare
ONNX Runtime session.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import httpx
import numpy as np

from cli.output import Table
from infra.packaging import build_zip
from tests.support.events import Call, rest_api_v1
from tests.support.project import ROOT, WHERRY, Project

TRIES = 7
CALLS = 2000
ROW = [5.1, 3.5, 1.4, 0.2]
INFER = "/v2/models/iris/infer"
BODY = b'{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}]}'
STACK = "import fastapi, mangum, numpy, onnxruntime, obstore, uvicorn"

Row = tuple[str, str, str, str]


def best(measure: Callable[[], float]) -> float:
    """The least disturbed of several tries, in seconds."""
    return min(measure() for _ in range(TRIES))


def command(*words: str) -> float:
    """Seconds of a whole process."""
    started = time.perf_counter()
    environ = {**os.environ, "ORT_DISABLE_TELEMETRY": "1"}
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environ)
    return time.perf_counter() - started


def first_answer(project: Project) -> float:
    """Seconds from `wherry serve iris` to its first prediction."""
    started = time.perf_counter()
    words = [str(WHERRY), "serve", "iris", "--port", "0"]
    with subprocess.Popen(words, cwd=project.root, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr
        url = server.stderr.readline().split()[3]
        httpx.post(url + INFER, content=BODY).raise_for_status()
        elapsed = time.perf_counter() - started
        server.terminate()
    return elapsed


def per_call(call: Callable[[], object]) -> float:
    """Seconds of one call, over many."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS


def against(what: str, seconds: float, than: str, baseline: float, unit: float = 1) -> Row:
    """One row: `unit` is 1 for seconds, 1e6 for microseconds."""
    name = "s" if unit == 1 else "µs"
    shown = [f"{value * unit:.3g} {name}" for value in (seconds, baseline)]
    return what, shown[0], f"{shown[1]} {than}", f"{seconds / baseline:.1f} x"


def commands(project: Project) -> list[Row]:
    bare = best(lambda: command(sys.executable, "-c", "pass"))
    imports = best(lambda: command(sys.executable, "-c", STACK))
    shown = best(lambda: command(str(WHERRY), "--help"))
    return [
        against("wherry --help", shown, "bare Python", bare),
        against("wherry serve: first answer", best(lambda: first_answer(project)),
                "its bare imports", imports),
    ]  # fmt: skip


def requests(project: Project) -> list[Row]:
    """The handler, from API Gateway's event to its answer, against the session alone."""
    os.environ.update(project.wherry("env", "iris"))
    log = os.dup(1)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)  # the handler's log lines are counted in, and not shown
    from functions.inference.api import handler, service

    event = rest_api_v1(Call("POST", INFER, BODY))
    rows = {"features": np.array([ROW], np.float32)}
    whole = best(lambda: per_call(lambda: handler(event, None)))  # type: ignore[arg-type]
    core = best(lambda: per_call(lambda: service.infer(BODY)))
    bare = best(lambda: per_call(lambda: service.predict(rows)))
    sys.stdout.flush()
    os.dup2(log, 1)
    return [
        against("handler, one row", whole, "library call", bare, 1e6),
        against("JSON to JSON, one row", core, "library call", bare, 1e6),
    ]


def sizes() -> list[Row]:
    """What a cold start must read, trimmed, against the wheels as they are."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    tree = build_zip(ROOT, python=python).bytes / 1e6
    with tempfile.TemporaryDirectory() as whole:
        uv = str(Path(sys.executable).with_name("uv"))
        lock = str(ROOT / "requirements/runtime.txt")
        subprocess.run(
            [
                uv,
                "pip",
                "install",
                "--quiet",
                "--system-certs",
                "--require-hashes",
                "--target",
                whole,
                "-r",
                lock,
            ],
            check=True,
        )
        files = [path for path in Path(whole).rglob("*") if path.is_file()]
        baseline = sum(path.stat().st_size for path in files) / 1e6
    shown = f"{baseline:.0f} MB untrimmed"
    return [("function, unpacked", f"{tree:.0f} MB", shown, f"{tree / baseline:.2f} x")]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = Project.copy(Path(folder) / "checkout")
        for verb in ("train", "prepare", "publish"):
            project.wherry(verb, "iris")
        rows = [*commands(project), *requests(project), *sizes()]
    print("\n".join(Table(("what", "wherry", "baseline", "ratio"), rows).lines()))


if __name__ == "__main__":
    main()
