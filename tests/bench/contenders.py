"""Servers of iris, each started as its own documentation says, on a port of this machine."""

import json
import os
import pickle
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from tests.bench.subject import BODY, INFER, ROW, Subject
from tests.support.project import ROOT, WHERRY

HERE = Path(__file__).parent / "servers"
TOOLS = ROOT / ".wherry" / "tools"
ROWS = json.dumps({"features": [ROW]}).encode()
PATIENCE, GRACE = 60.0, 10.0
TREES = "sklearn.tree._tree.Tree"


@dataclass(frozen=True)
class Contender:
    """`command` gets the port; `path` and `body` are its own way to ask for one row."""

    name: str
    command: Callable[[int], Sequence[str]]
    path: str
    body: bytes
    variables: Mapping[str, str] = field(default_factory=dict)
    folder: Path = HERE


def wherry(subject: Subject, *options: str) -> Contender:
    """As a user starts it: evidence and all."""
    return Contender(
        "wherry serve",
        lambda port: [str(WHERRY), "serve", "iris", "--port", str(port), *options],
        INFER,
        BODY,
        folder=subject.project.root,
    )


def litserve(subject: Subject) -> Contender:
    python = str(TOOLS / "bench-servers/bin/python")
    script = str(HERE / "litserve_iris.py")
    return Contender(
        "LitServe", lambda port: [python, script, str(subject.model), str(port)], "/predict", ROWS
    )


def flask(subject: Subject) -> Contender:
    gunicorn = str(TOOLS / "bench-servers/bin/gunicorn")
    threads = ["--worker-class", "gthread", "--threads", "1"]
    return Contender(
        "Flask and a pickle",
        lambda port: [gunicorn, *threads, "--bind", f"127.0.0.1:{port}", "flask_iris:app"],
        "/predict",
        ROWS,
        {"IRIS_PICKLE": str(_pickled(subject)), "PYTHONPATH": str(HERE)},
    )


def _pickled(subject: Subject) -> Path:
    """The estimator as a pickle: made here, by this run, from the file that training wrote."""
    from skops.io import load

    file = subject.folder / "iris.pickle"
    file.write_bytes(pickle.dumps(load(subject.estimator, trusted=[TREES])))
    return file


def bentoml(subject: Subject) -> Contender:
    command = str(TOOLS / "bench-bentoml/bin/bentoml")
    variables = {"IRIS_MODEL": str(subject.model), "BENTOML_DO_NOT_TRACK": "True",
                 "BENTOML_HOME": str(subject.folder / "bentoml")}  # fmt: skip
    return Contender(
        "BentoML",
        lambda port: [command, "serve", "bentoml_iris:Iris", "--host", "127.0.0.1",
                      "--port", str(port)],
        "/predict",
        ROWS,
        variables,
    )  # fmt: skip


def mlserver(subject: Subject) -> Contender:
    """As it comes: its own runtime for the estimator, in a worker process behind the server."""
    return _mlserver(subject, "MLServer", "mlserver_sklearn.SKLearnModel", _pickled(subject), {})


def mlserver_onnx(subject: Subject) -> Contender:
    """With the same ONNX file, by a runtime of our writing: it has none."""
    return _mlserver(subject, "MLServer (ONNX)", "mlserver_iris.Iris", subject.model, {})


def mlserver_onnx_alone(subject: Subject) -> Contender:
    """And in the server's own process."""
    settings = {"parallel_workers": 0}
    name = "MLServer (ONNX, no worker)"
    return _mlserver(subject, name, "mlserver_iris.Iris", subject.model, settings)


def _mlserver(
    subject: Subject, name: str, runtime: str, model: Path, settings: Mapping[str, int]
) -> Contender:
    folder = subject.folder / name
    folder.mkdir(exist_ok=True)
    (folder / "model-settings.json").write_text(
        json.dumps({"name": "iris", "implementation": runtime, "parameters": {"uri": str(model)}})
    )

    def command(port: int) -> list[str]:
        told = {"host": "127.0.0.1", "http_port": port, "grpc_port": free_port(),
                "metrics_port": free_port(), **settings}  # fmt: skip
        (folder / "settings.json").write_text(json.dumps(told))
        return [str(TOOLS / "bench-mlserver/bin/mlserver"), "start", str(folder)]

    return Contender(name, command, INFER, BODY, {"PYTHONPATH": str(HERE)})


@contextmanager
def running(contender: Contender) -> Iterator[str]:
    """Start it, wait for its first answer, give its URL; stop it at the end."""
    port = free_port()
    environment = {**os.environ, "ORT_DISABLE_TELEMETRY": "1", **contender.variables}
    url = f"http://127.0.0.1:{port}{contender.path}"
    with (
        TemporaryFile() as log,
        subprocess.Popen(
            contender.command(port),
            cwd=contender.folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        ) as server,
    ):
        try:
            _wait(url, contender, server)
            yield url
        except RuntimeError as error:
            log.seek(0)
            error.add_note(log.read().decode(errors="replace")[-3000:])
            raise
        finally:
            _stop(server)


def _stop(server: subprocess.Popen[bytes]) -> None:
    """And what it has started: some leave their workers behind."""
    server.terminate()
    with suppress(subprocess.TimeoutExpired):
        server.wait(GRACE)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)


def _wait(url: str, contender: Contender, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    headers = {"content-type": "application/json"}
    while True:
        try:
            httpx.post(url, content=contender.body, headers=headers).raise_for_status()
        except httpx.HTTPError as error:
            if time.monotonic() > until or server.poll() is not None:
                raise RuntimeError(f"{contender.name} does not answer: {error}") from error
            time.sleep(0.1)
        else:
            return


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
