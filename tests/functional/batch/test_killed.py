"""Killed before or after any call, and asked again, a run leaves the files that it would have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.batches import done_in, refused, written
from tests.support.plain_models import classifier
from tests.support.services import service_of
from wherry.batch.contract import Options
from wherry.batch.files import Entry, Files
from wherry.batch.local_files import LocalFiles
from wherry.engine import Engine

OPTIONS = Options(id="key", to="jsonl")
PART = 400


class Killed(BaseException):
    """As a process is: no handler of exceptions sees it."""


class Dying:
    """Files that end the process at the n-th call, before it is done or after."""

    remote = False

    def __init__(self, files: Files, calls: int, *, after: bool) -> None:
        self._files, self._left, self._after = files, calls, after
        self.url = files.url

    def entries(self, folder: str = "") -> Iterator[Entry]:
        return self._files.entries(folder)

    def find(self, key: str) -> Entry | None:
        return self._do(self._files.find, key)

    def open(self, entry: Entry) -> Any:
        return self._do(self._files.open, entry)

    def read(self, key: str) -> bytes | None:
        return self._do(self._files.read, key)

    def create(self, key: str, content: bytes | Path) -> bool:
        return self._do(self._files.create, key, content)

    def put(self, key: str, content: bytes) -> None:
        self._do(self._files.put, key, content)

    def tidy(self) -> None:
        self._do(self._files.tidy)

    def address(self, key: str = "") -> str:
        return self._files.address(key)

    @property
    def spool(self) -> Path | None:
        return self._files.spool

    def _do(self, call: Any, *given: Any) -> Any:
        self._left -= 1
        if not self._left and not self._after:
            raise Killed
        told = call(*given)
        if not self._left:
            raise Killed
        return told


def _inputs(folder: Path) -> Path:
    rows = [{"key": n, "size, in cm": "bad" if n % 7 == 0 else n, "weight": 4.5} for n in range(60)]
    written(folder / "in/rows.csv", rows)
    return folder / "in"


def _files(output: Path) -> dict[str, bytes]:
    """All but what tells the time."""
    found = {str(path.relative_to(output)): path for path in output.rglob("*") if path.is_file()}
    return {
        name: b"" if "receipts" in name or "manifest" in name else path.read_bytes()
        for name, path in found.items()
    }


@pytest.mark.parametrize("after", [False, True])
def test_a_run_that_is_killed_at_any_call_is_finished_by_the_next(
    tmp_path: Path,
    after: bool,  # noqa: FBT001 - a case
) -> None:
    service, source = service_of(classifier()), LocalFiles(str(_inputs(tmp_path)))
    output = LocalFiles(str(tmp_path / "out"))
    whole = done_in(service, source, output, OPTIONS, PART)
    wanted = _files(tmp_path / "out")
    assert whole.partitions > 1
    calls = 0
    while True:
        calls += 1
        for path in sorted((tmp_path / "out").rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        try:
            done_in(service, source, Dying(output, calls, after=after), OPTIONS, PART)
        except Killed:
            told = done_in(service, source, output, OPTIONS, PART)
        else:
            break

        assert (told.complete, told.rows, told.predicted) == (True, 60, 51)
        assert _files(tmp_path / "out") == wanted
        assert [each["row"] for each in refused(tmp_path / "out")] == list(range(1, 61, 7))
    assert calls > 5 * whole.partitions


def test_two_workers_that_do_the_same_partition_leave_it_once(tmp_path: Path) -> None:
    service, source = service_of(classifier()), LocalFiles(str(_inputs(tmp_path)))
    output = LocalFiles(str(tmp_path / "out"))
    first = done_in(service, source, output, OPTIONS, PART)
    wanted = _files(tmp_path / "out")
    for receipt in (tmp_path / "out/_wherry/receipts").iterdir():
        receipt.unlink()

    again = done_in(service, source, output, OPTIONS, PART)

    assert _files(tmp_path / "out") == wanted
    assert (again.rows, again.files) == (first.rows, first.files)


def test_what_has_its_receipt_is_not_computed_again(tmp_path: Path) -> None:
    service, source = service_of(classifier()), LocalFiles(str(_inputs(tmp_path)))
    output = LocalFiles(str(tmp_path / "out"))
    first = done_in(service, source, output, OPTIONS, PART)
    service.compute_by(_Untouched)

    again = done_in(service, source, output, OPTIONS, PART)

    assert again == first


class _Untouched:
    """An engine that nobody may ask."""

    def __init__(self, engine: Engine) -> None:
        self.inputs, self.outputs = engine.inputs, engine.outputs

    def run(self, *_: object) -> list[Any]:
        raise AssertionError


def test_what_the_killed_left_half_written_goes_when_all_is_done(tmp_path: Path) -> None:
    service, source = service_of(classifier()), LocalFiles(str(_inputs(tmp_path)))
    output = LocalFiles(str(tmp_path / "out"))
    (output.spool / ".half").write_text("half")

    done_in(service, source, output, OPTIONS, PART)

    assert not list((tmp_path / "out").rglob(".*"))


def test_a_result_that_no_receipt_counts_on_is_nobodys(tmp_path: Path) -> None:
    """As of a version of this code that saw other rows, and was killed."""
    service, source = service_of(classifier()), LocalFiles(str(_inputs(tmp_path)))
    output = LocalFiles(str(tmp_path / "out"))
    first = done_in(service, source, output, OPTIONS, PART)
    wanted = _files(tmp_path / "out")
    for path in [*(tmp_path / "out").glob("part-*"), *(tmp_path / "out/_wherry/refused").iterdir()]:
        path.write_bytes(b"")
    for receipt in (tmp_path / "out/_wherry/receipts").iterdir():
        receipt.unlink()

    again = done_in(service, source, output, OPTIONS, PART)

    assert _files(tmp_path / "out") == wanted
    assert (again.rows, again.files) == (first.rows, first.files)
