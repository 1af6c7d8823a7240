"""What keeps jobs, in memory and in a directory, by the contract of both."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.jobs import FakeObjects, FakeQueue, FakeRecords
from tests.support.jobs_contract import JobsContract
from wherry.jobs.local import LocalJobs
from wherry.jobs.store import Jobs


class TestInMemory(JobsContract):
    @pytest.fixture
    def jobs(self) -> Jobs:
        return Jobs(FakeRecords(), FakeObjects(), FakeQueue())


class TestInADirectory(JobsContract):
    @pytest.fixture
    def jobs(self, tmp_path: Path) -> Iterator[Jobs]:
        with closing(LocalJobs(tmp_path / "jobs")) as local:
            yield local.jobs
