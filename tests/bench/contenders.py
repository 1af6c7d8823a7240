"""Servers of iris, each started as its own documentation says, on a port of this machine."""

import json
import os
import pickle
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile

import httpx

from tests.bench.subject import BODY, INFER, ROW, Subject
from tests.support.project import ROOT, WHERRY

HERE = Path(__file__).parent / "servers"
TOOLS = ROOT / ".wherry" / "tools"
ROWS = json.dumps({"features": [ROW]}).encode()
PATIENCE = 60.0
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
    """The estimator is pickled here: by this run, from the file that training wrote."""
    from skops.io import load

    trained = load(subject.estimator, trusted=[TREES])
    file = subject.folder / "iris.pickle"
    file.write_bytes(pickle.dumps(trained))
    gunicorn = str(TOOLS / "bench-servers/bin/gunicorn")
    return Contender(
        "Flask and a pickle",
        lambda port: [gunicorn, "--worker-class", "gthread", "--threads", "1", "--bind",
                      f"127.0.0.1:{port}", "flask_iris:app"],
        "/predict",
        ROWS,
        {"IRIS_PICKLE": str(file), "PYTHONPATH": str(HERE)},
    )  # fmt: skip


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
    """As it is when nothing is set: the model in a worker process behind the server."""
    return _mlserver(subject, "MLServer", {})


def mlserver_without_workers(subject: Subject) -> Contender:
    """The model in the server's own process."""
    return _mlserver(subject, "MLServer, parallel_workers=0", {"parallel_workers": 0})


def _mlserver(subject: Subject, name: str, settings: Mapping[str, int]) -> Contender:
    folder = subject.folder / f"mlserver-{len(settings)}"
    folder.mkdir(exist_ok=True)
    model = {
        "name": "iris",
        "implementation": "mlserver_iris.Iris",
        "parameters": {"uri": str(subject.model)},
    }
    (folder / "model-settings.json").write_text(json.dumps(model))

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
            server.terminate()


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
