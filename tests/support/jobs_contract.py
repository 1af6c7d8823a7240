"""What every place that keeps jobs must do: run over the fake, a directory, and the local AWS."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from tests.support.jobs import job
from wherry.jobs.contract import Failure, Job, Result
from wherry.jobs.store import Jobs, moved
from wherry.pinned import Pinned

NOW = 1_800_000_000.0


def full() -> Job:
    """One with something in every field."""
    return job(
        id=uuid4().hex,
        status="succeeded",
        pinned=Pinned("8", 3, f"sha256:{'a' * 64}"),
        headers={"content-type": "text/csv; é", "accept": "*/*"},
        labels={"arm": "b"},
        attempts=2,
        lease=1_800_000_001.5,
        last=True,
        result=Result(key="p/result-2", bytes=9, headers={"content-type": "text/csv"}),
        failure=Failure(error="“no”", status=400),
    )


class JobsContract:
    """A subclass has a fixture `jobs`."""

    def test_a_job_is_found_as_it_was_kept(self, jobs: Jobs) -> None:
        kept = full()

        assert jobs.records.create(kept, NOW) == kept

        assert jobs.records.get(kept.id) == kept
        assert jobs.records.get(uuid4().hex) is None

    def test_the_first_of_an_id_stays(self, jobs: Jobs) -> None:
        first = job(id=uuid4().hex, revision="a")
        assert jobs.records.create(first, NOW) == first

        assert jobs.records.create(job(id=first.id, revision="b"), NOW) == first

        assert jobs.records.get(first.id) == first

    def test_an_expired_one_gives_up_its_id(self, jobs: Jobs) -> None:
        old = job(id=uuid4().hex, revision="a", expires=NOW - 1)
        jobs.records.create(old, NOW - 10)
        new = job(id=old.id, revision="b")

        assert jobs.records.create(new, NOW) == new

        assert jobs.records.get(old.id) == new

    def test_a_move_takes_only_what_was_read(self, jobs: Jobs) -> None:
        first = jobs.records.create(job(id=uuid4().hex), NOW)
        second = moved(first, status="running")

        assert jobs.records.move(first, second)
        assert not jobs.records.move(first, moved(first, status="cancelled"))

        assert jobs.records.get(first.id) == second

    def test_what_was_never_there_cannot_be_moved(self, jobs: Jobs) -> None:
        absent = job(id=uuid4().hex)

        assert not jobs.records.move(absent, moved(absent, status="running"))

        assert jobs.records.get(absent.id) is None

    def test_of_many_who_move_it_one_wins(self, jobs: Jobs) -> None:
        first = jobs.records.create(job(id=uuid4().hex), NOW)
        moves = [moved(first, attempts=number) for number in range(8)]

        with ThreadPoolExecutor(8) as pool:
            won = list(pool.map(lambda new: jobs.records.move(first, new), moves))

        assert won.count(True) == 1
        assert jobs.records.get(first.id) == moves[won.index(True)]

    def test_an_object_is_read_at_its_own_size_alone(self, jobs: Jobs) -> None:
        key = f"{uuid4().hex}/input"
        jobs.objects.put(key, b"abc", {"content-type": "text/csv", "content-encoding": "gzip"})

        assert jobs.objects.size(key) == 3
        assert jobs.objects.read(key, 3) == b"abc"
        assert jobs.objects.read(key, 4) is None

    def test_an_object_can_be_written_again(self, jobs: Jobs) -> None:
        key = f"{uuid4().hex}/result-1"
        jobs.objects.put(key, b"abc", {})

        jobs.objects.put(key, b"de", {})

        assert jobs.objects.read(key, 2) == b"de"

    def test_what_is_erased_is_gone_and_what_is_absent_is_no_mistake(self, jobs: Jobs) -> None:
        place = uuid4().hex
        jobs.objects.put(f"{place}/input", b"abc", {})

        jobs.objects.delete([f"{place}/input", f"{place}/result-1"])
        jobs.objects.delete([f"{place}/input"])

        assert jobs.objects.size(f"{place}/input") is None
        assert jobs.objects.read(f"{place}/input", 3) is None
