"""gRPC by the command alone: beside HTTP, and as a proxy; asked by a real client."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import pytest

from tests.support.live import served
from tests.support.project import WHERRY, Project
from tests.support.services import service_of
from tests.support.triton import FEATURES, PREDICTION
from tests.support.triton_grpc import Ask, clients
from wherry.http import App

KEY = "a-very-secret-key"
FLOWER = {"features": np.array([[5.1, 3.5, 1.4, 0.2]], np.float32)}


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    with clients() as asked:
        yield asked


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = Project.copy(tmp_path_factory.mktemp("grpc") / "checkout")
    for verb in ("train", "prepare", "publish"):
        project.wherry(verb, "iris")
    return project


@contextmanager
def running(
    project: Project, *words: str, variables: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [str(WHERRY), *words],
        cwd=project.root,
        env={**os.environ, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str], before: str) -> str:
    """The word behind `before`, in the next line of stderr that has it."""
    assert process.stderr
    line = next(line for line in process.stderr if before in line)
    return line.partition(before)[2].split()[0]


def test_a_model_is_served_by_both_protocols_and_one_signal_ends_both(
    project: Project, ask: Ask
) -> None:
    with running(project, "serve", "iris", "--grpc", "--port", "0") as server:
        url, place = told(server, " at "), told(server, "answers gRPC at ")

        by_http = project.wherry(
            "predict", "iris", "--url", url, "--data", "[[5.1, 3.5, 1.4, 0.2]]"
        )
        by_grpc, _ = ask(place, "sync", "infer", "iris", FLOWER)
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=20)

    assert by_http["outputs"][0]["data"] == ["setosa"]
    assert by_grpc["label"].tolist() == [b"setosa"]
    assert out.count('"message":"prediction"') == 2
    assert "Traceback" not in err


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_proxy_asks_an_api_until_it_is_interrupted(
    tmp_path_factory: pytest.TempPathFactory, ask: Ask, end: signal.Signals
) -> None:
    anywhere = Project(tmp_path_factory.mktemp("anywhere"))
    with (
        served(App(service_of())) as api,
        running(
            anywhere, "grpc-proxy", "--to", f"http://{api}", "--port", "0",
            variables={"WHERRY_API_KEY": KEY},
        ) as proxy,
    ):  # fmt: skip
        place = told(proxy, "gRPC at ")

        answer, _ = ask(place, "sync", "infer", "tiny", FEATURES)
        proxy.send_signal(end)
        out, err = proxy.communicate(timeout=20)

    assert answer["prediction"].tolist() == PREDICTION
    assert (proxy.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert KEY not in err


def test_a_grpc_port_that_is_taken_is_told_before_the_model_is_loaded(project: Project) -> None:
    with running(project, "grpc-proxy", "--to", "http://127.0.0.1:9", "--port", "0") as proxy:
        taken = int(told(proxy, "gRPC at ").rpartition(":")[2])

        beside = project.run("serve", "iris", "--grpc", "--port", str(taken - 1))
        again = project.run("grpc-proxy", "--to", "http://127.0.0.1:9", "--port", str(taken))

    assert (beside.code, again.code) == (1, 1)
    assert f"127.0.0.1:{taken}: cannot listen there" in beside.err
    assert f"127.0.0.1:{taken}: cannot listen there" in again.err
    assert "Traceback" not in beside.err + again.err


def test_what_cannot_be_a_proxy_is_wrong_usage(project: Project) -> None:
    clear = project.run("grpc-proxy", "--to", "http://example.com", "--api-key", KEY)
    both = project.run("grpc-proxy", "--to", "https://example.com", "--api-key", KEY, "--sigv4")
    high = project.run("serve", "iris", "--grpc", "--port", "65535")

    assert [clear.code, both.code, high.code] == [2, 2, 2]
    assert KEY not in clear.err + both.err
