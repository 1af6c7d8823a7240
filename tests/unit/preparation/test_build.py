"""Between two commands, nothing that was altered or left half-way is taken for finished."""

from pathlib import Path

import pytest

from models.preparation.build import ARTIFACT, PREPARED, forget, keep_artifact, read_artifact
from models.preparation.extras import need
from tests.support.stores import altered, an_artifact
from wherry.errors import ToolError, UsageError
from wherry.manifest import GOLDEN, MANIFEST, MODEL


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    keep_artifact(an_artifact(marker="old"), tmp_path)
    keep_artifact(an_artifact(), tmp_path)

    assert read_artifact("iris", tmp_path) == an_artifact()


@pytest.mark.parametrize("name", [MANIFEST, MODEL, GOLDEN])
def test_one_altered_bit_in_any_file_is_told_with_the_command(tmp_path: Path, name: str) -> None:
    keep_artifact(an_artifact(), tmp_path)
    path = tmp_path / ARTIFACT / name
    path.write_bytes(altered(path.read_bytes()))

    with pytest.raises(
        UsageError, match=r"altered after it was prepared\. Run `wherry prepare iris"
    ):
        read_artifact("iris", tmp_path)


@pytest.mark.parametrize("name", [PREPARED, f"{ARTIFACT}/{MANIFEST}", f"{ARTIFACT}/{MODEL}"])
def test_a_missing_file_is_told_with_the_command(tmp_path: Path, name: str) -> None:
    keep_artifact(an_artifact(), tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(UsageError, match="Run `wherry prepare iris`"):
        read_artifact("iris", tmp_path)


@pytest.mark.parametrize("record", ["", "{}", "[]", "3", '{"digest": 3}'])
def test_a_broken_record_counts_as_none(tmp_path: Path, record: str) -> None:
    keep_artifact(an_artifact(), tmp_path)
    (tmp_path / PREPARED).write_text(record)

    with pytest.raises(UsageError, match="Run `wherry prepare iris`"):
        read_artifact("iris", tmp_path)


def test_nothing_is_prepared_once_training_starts_again(tmp_path: Path) -> None:
    keep_artifact(an_artifact(), tmp_path)

    forget(tmp_path)

    with pytest.raises(UsageError, match="nothing is prepared"):
        read_artifact("iris", tmp_path)


def test_a_library_that_is_not_installed_is_told_with_the_command() -> None:
    with pytest.raises(
        ToolError, match=r"no_such_library cannot be imported\. Run `make setup`, or"
    ):
        need("json", "no_such_library")
