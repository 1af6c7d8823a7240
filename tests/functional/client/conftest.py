"""Every claim of this folder holds for both clients, with no socket and over one."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.support.client_doors import Connect, Driven, Scripted, Time, driven
from tests.support.client_jobs import Queue, Serve, Server
from tests.support.gateway import Asgi
from tests.support.live import served
from tests.support.services import published
from wherry.artifact import Artifact
from wherry.http import App
from wherry.http.hooks import Hooks
from wherry.http.wire import Reply
from wherry.jobs.directory import FileObjects, FileRecords
from wherry.jobs.front import Front
from wherry.jobs.links import Links
from wherry.jobs.settings import JobRules
from wherry.jobs.store import Jobs
from wherry.jobs.work import Worker
from wherry.limits import Limits
from wherry.pinned import Services
from wherry.service import load_service
from wherry.settings import Settings


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    told: str = request.param
    return told


@pytest.fixture(params=["asgi", "socket"])
def connect(request: pytest.FixtureRequest, kind: str, time: Time) -> Iterator[Connect]:
    """A client of an app."""
    with ExitStack() as stack:

        def connected(app: Asgi, **told: Any) -> Driven:
            if request.param == "asgi":
                return stack.enter_context(driven(kind, "http://test", app, time, **told))
            url = f"http://{stack.enter_context(served(app))}"
            return stack.enter_context(driven(kind, url, None, time, **told))

        yield connected


@pytest.fixture
def serve(tmp_path: Path, time: Time) -> Serve:
    queue = Queue()
    rules = JobRules(most_mb=64)

    def serving(
        *script: Reply | None, artifact: Artifact | None = None, limits: Limits | None = None
    ) -> Server:
        settings = Settings.from_environment(published(tmp_path / "store", artifact))
        service = load_service(settings, limits=limits or settings.limits)
        records, objects = FileRecords(tmp_path / "records"), FileObjects(tmp_path / "objects")
        jobs = Jobs(records, objects, queue)
        most = msgspec.structs.replace(settings, limits=rules.limits(settings.limits))
        worker = Worker(jobs, Services(most))
        time.meanwhile = lambda: queue.drain(worker)
        hooks = Hooks(jobs=lambda predictions: Front(lambda: jobs, rules, predictions).endpoints())
        app = Links(App(service, hooks=hooks), records, objects)
        return Server(service, Scripted(app, list(script)))

    return serving
