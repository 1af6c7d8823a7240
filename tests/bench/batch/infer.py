"""
MLServer's own way to predict many rows: its server, and its `infer` client on a file of requests.

As its documentation has it: one row a request, many requests a batch, several workers.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.batch.subject import Subject, chunks
from tests.bench.batch.watched import watched
from tests.bench.batch.ways import Ways
from tests.bench.contenders import TOOLS, Contender, free_port, running

MLSERVER = str(TOOLS / "bench-mlserver/bin/mlserver")
RUNTIME = "mlserver_sklearn.SKLearnModel"
BATCH, WORKERS = "100", "10"


def seconds(subject: Subject, model: str, count: int) -> float:
    """Of its client alone: the server is up and warm."""
    asked, answered = subject.folder / "requests.jsonl", subject.folder / "responses.jsonl"
    asked.write_text("".join(f"{line}\n" for line in _requests(count)))
    with _server(subject, model) as address:
        words = ["infer", "-u", address, "-m", model, "-i", str(asked), "-o", str(answered)]
        took = watched(
            [MLSERVER, *words, "--batch-size", BATCH, "--workers", WORKERS],
            subject.folder,
            os.environ,
        )
    _check_answered(answered, count)
    return took.seconds


def _requests(count: int) -> Iterator[str]:
    for rows in chunks(count):
        for row in rows.tolist():
            tensor = {"name": "x", "shape": [1, len(row)], "datatype": "FP32", "data": row}
            yield json.dumps({"inputs": [tensor], "outputs": [{"name": "predict_proba"}]})


@contextmanager
def _server(subject: Subject, model: str) -> Iterator[str]:
    folder = subject.folder / "mlserver"
    folder.mkdir(exist_ok=True)
    kept = Ways(subject, model).estimator()
    told = {"name": model, "implementation": RUNTIME, "parameters": {"uri": str(kept)}}
    (folder / "model-settings.json").write_text(json.dumps(told))

    def command(port: int) -> list[str]:
        ports = {"http_port": port, "grpc_port": free_port(), "metrics_port": free_port()}
        (folder / "settings.json").write_text(json.dumps({"host": "127.0.0.1", **ports}))
        return [MLSERVER, "start", str(folder)]

    path = f"/v2/models/{model}/infer"
    body = next(_requests(1)).encode()
    with running(Contender("MLServer", command, path, body, folder=folder)) as url:
        yield url.removeprefix("http://").removesuffix(path)


def _check_answered(file: Path, count: int) -> None:
    lines = file.read_text().splitlines()
    if len(lines) != count or any('"error"' in line for line in lines):
        raise RuntimeError(f"MLServer answered {len(lines)} of {count}: {lines[0][:500]}")
