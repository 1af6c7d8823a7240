"""Model locks: canonical, whole, and where they belong."""

from pathlib import Path

import pytest

from wherry.errors import ConfigurationError
from wherry_control.environment import required_lock
from wherry_control.locks import ModelLock, lock_path, read_lock, write_lock

LOCK = ModelLock("iris", 3, "sha256:" + "a" * 64)


def test_a_lock_is_canonical_json(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "model.lock.json"

    write_lock(path, LOCK)

    assert path.read_text() == (
        "{\n"
        f'  "digest": "sha256:{"a" * 64}",\n'
        '  "model": "iris",\n'
        '  "schema_version": 1,\n'
        '  "version": 3\n'
        "}\n"
    )
    assert read_lock(path) == LOCK
    assert list(path.parent.iterdir()) == [path]


def test_what_a_model_needs_beside_the_rest_is_in_its_lock(tmp_path: Path) -> None:
    path = tmp_path / "model.lock.json"
    lock = ModelLock("iris", 3, LOCK.digest, ("image", "text"))

    write_lock(path, lock)

    assert read_lock(path) == lock


@pytest.mark.parametrize("extras", ['"image"', '["audio"]', '["text", "image"]', "1", "{}"])
def test_extras_that_nobody_knows_make_no_lock(tmp_path: Path, extras: str) -> None:
    path = tmp_path / "model.lock.json"
    path.write_text(LOCK.to_bytes().decode().replace("{", f'{{"extras": {extras},', 1))

    with pytest.raises(ConfigurationError, match="extras is"):
        read_lock(path)


def test_a_lock_is_replaced_and_never_written_over(tmp_path: Path) -> None:
    """Who has the old one open reads all of it; who is killed leaves the old or the new one."""
    path, before = tmp_path / "model.lock.json", tmp_path / "before"
    write_lock(path, LOCK)
    before.hardlink_to(path)

    write_lock(path, ModelLock("iris", 4, LOCK.digest))

    assert read_lock(before) == LOCK
    assert read_lock(path) == ModelLock("iris", 4, LOCK.digest)


def test_only_the_lock_of_the_shared_account_is_committed(tmp_path: Path) -> None:
    assert lock_path(tmp_path, "iris", "aws") == tmp_path / "models/iris/model.lock.json"
    assert lock_path(tmp_path, "iris", "local") == tmp_path / ".wherry/locks/local/iris.lock.json"
    assert lock_path(tmp_path, "iris", None) == tmp_path / ".wherry/locks/store/iris.lock.json"


def test_no_lock_is_none(tmp_path: Path) -> None:
    assert read_lock(tmp_path / "nothing.json") is None


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema_version": 2, "model": "iris", "version": 1, "digest": "sha256:%s"}' % ("a" * 64),
        '{"schema_version": 1, "model": "iris", "version": "1", "digest": "sha256:%s"}'
        % ("a" * 64),
        '{"schema_version": 1, "model": "iris", "version": 1, "digest": "latest"}',
        '{"schema_version": 1, "model": "iris", "version": 1, "digest": "sha256:%s"}' % ("z" * 64),
        '{"schema_version": 1, "model": "iris", "version": 0, "digest": "sha256:%s"}' % ("a" * 64),
        '{"schema_version": 1, "model": "iris", "version": true, "digest": "sha256:%s"}'
        % ("a" * 64),
    ],
)
def test_a_broken_lock_names_the_file_and_the_way_out(tmp_path: Path, text: str) -> None:
    path = tmp_path / "model.lock.json"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match="Publish the model again") as caught:
        read_lock(path)

    assert caught.value.where == str(path)


def test_a_lock_of_another_model_is_refused_where_one_is_needed(tmp_path: Path) -> None:
    write_lock(lock_path(tmp_path, "iris", None), ModelLock("digits", 1, LOCK.digest))

    with pytest.raises(ConfigurationError, match="it is of model digits"):
        required_lock(tmp_path, "iris", None)


def test_a_lock_that_cannot_be_written_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "iris.lock.json"
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        write_lock(path, LOCK)

    assert list(tmp_path.iterdir()) == [path]
