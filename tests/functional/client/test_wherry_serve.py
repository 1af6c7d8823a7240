"""Both clients against what `wherry serve --jobs` starts, with the clocks of this machine."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.support.services import published
from wherry.client import AsyncClient, Client
from wherry.errors import RequestError
from wherry.service import Service, load_service
from wherry.settings import Settings

SERVE = """
import json, sys
from pathlib import Path
from wherry_control.serve import Extras, serve

variables, jobs = json.loads(sys.argv[1]), Path(sys.argv[2])
tell = lambda url: print(url, flush=True)
serve(variables, host="127.0.0.1", port=0, ready=tell, extras=Extras(jobs=jobs))
"""
ROWS = np.random.default_rng(0).normal(size=(1_250_000, 4)).astype(np.float32)  # 20 MB


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


@pytest.fixture(scope="module")
def service(folder: Path) -> Service:
    """The same release, in this process."""
    return load_service(Settings.from_environment(published(folder / "store")))


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    variables = json.dumps(published(folder / "store"))
    words = [sys.executable, "-c", SERVE, variables, str(folder / "jobs")]
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        try:
            assert server.stdout
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


def test_what_is_asked_over_the_wire_is_what_is_computed_here(url: str, service: Service) -> None:
    wanted = service.predict({"features": ROWS})

    with Client(url) as client:
        one = client.predict([[1, 2, 3, 4]])
        many = client.predict_many({"features": ROWS})
        by_job = client.predict({"features": ROWS})

    assert one[0]["prediction"] == 20
    for told in (many, by_job):
        assert told.keys() == wanted.keys()
        assert all(np.array_equal(told[name], wanted[name]) for name in wanted)
    assert len(many.sources) > len(by_job.sources) == 1


def test_the_same_awaited_and_all_at_once(url: str, service: Service) -> None:
    wanted = service.predict({"features": ROWS})

    async def asked() -> None:
        async with AsyncClient(url) as client:
            one, many, job = await asyncio.gather(
                client.predict([[1, 2, 3, 4]]),
                client.predict_many({"features": ROWS}),
                client.job({"features": ROWS}),
            )
            by_job = await job.result()
        assert one[0]["prediction"] == 20
        for told in (many, by_job):
            assert all(np.array_equal(told[name], wanted[name]) for name in wanted)

    asyncio.run(asked())


def test_a_mistake_is_told_in_the_servers_words(url: str) -> None:
    with Client(url) as client, pytest.raises(RequestError, match="a list of 4 values is wanted"):
        client.predict([[1, 2]])
