"""A client and a job are seen as what they are asked for, and never with the key."""

import asyncio

import pytest

from wherry.client import AsyncClient, AsyncJob, Client, Job, Prediction
from wherry.client.jobs import Jobs
from wherry.client.retries import Retries
from wherry.client.server import Server

URL = "https://models.example.com/dev"
JOBS = Jobs(Server(URL, None, 1, Retries()))


@pytest.mark.parametrize(
    ("model", "shown"),
    [(None, f"Client('{URL}')"), ("iris", f"Client('{URL}', model='iris')")],
)
def test_a_client_shows_its_server_and_its_model_and_no_key(model: str | None, shown: str) -> None:
    with Client(URL, model=model, api_key="secret") as client:
        assert repr(client) == shown


def test_the_client_for_asyncio_shows_the_same() -> None:
    client = AsyncClient(URL, model="iris", api_key="secret")

    assert repr(client) == f"AsyncClient('{URL}', model='iris')"
    asyncio.run(client.aclose())


@pytest.mark.parametrize("kind", [Job, AsyncJob])
def test_a_job_shows_its_id_and_its_model(kind: type[Job[Prediction]]) -> None:
    assert (
        repr(kind(lambda _: None, JOBS, "iris", "abc")) == f"{kind.__name__}('abc', model='iris')"
    )
