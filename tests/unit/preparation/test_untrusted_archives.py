"""Archives land in their folder or nowhere; files of frameworks that are zips are judged alike."""

import tarfile
from pathlib import Path

import pytest

from models.preparation.untrusted.archives import Bounds, unpack
from models.preparation.untrusted.keras_files import checked_keras
from models.preparation.untrusted.pickles import scan
from models.preparation.untrusted.torch_files import checked_torch
from tests.support import hostile_archives
from wherry.errors import UnsafeError

BOUNDS = Bounds(members=50, bytes=1 << 20)


@pytest.mark.parametrize("what", hostile_archives.HOSTILE)
def test_an_archive_that_would_do_harm_leaves_nothing(what: str, tmp_path: Path) -> None:
    """Not in its folder, not beside it, not above it."""
    makes, told = hostile_archives.HOSTILE[what]
    archive, folder = tmp_path / "archive", tmp_path / "folder"
    archive.write_bytes(makes())
    folder.mkdir()

    with pytest.raises(UnsafeError) as caught:
        unpack(archive, folder, BOUNDS)

    assert told in caught.value.what
    assert {path.name for path in tmp_path.rglob("*")} == {"archive", "folder"}


@pytest.mark.parametrize("packing", ["", "gz", "bz2", "xz"])
def test_an_honest_tar_is_unpacked(packing: str, tmp_path: Path) -> None:
    """Plain, or packed in any way that tar knows."""
    archive, folder = tmp_path / "archive", tmp_path / "folder"
    archive.write_bytes(hostile_archives.tarred(tarfile.REGTYPE, "a/b", packing, size=5))
    folder.mkdir()

    unpack(archive, folder, BOUNDS)

    assert (folder / "a" / "b").read_bytes() == bytes(5)


def test_an_honest_zip_is_unpacked(tmp_path: Path) -> None:
    """Folders and all."""
    archive, folder = tmp_path / "archive", tmp_path / "folder"
    archive.write_bytes(hostile_archives.zipped({"a/": b"", "a/b": b"one", "c": b"two"}))
    folder.mkdir()

    unpack(archive, folder, BOUNDS)

    assert (folder / "a" / "b").read_bytes() == b"one"
    assert (folder / "c").read_bytes() == b"two"


@pytest.mark.parametrize("what", hostile_archives.SKOPS)
def test_a_hostile_skops_file_is_refused_before_skops_sees_it(what: str, tmp_path: Path) -> None:
    """By the name of the type, or by what is wrong with the zip."""
    makes, told = hostile_archives.SKOPS[what]
    file = tmp_path / "model.skops"
    file.write_bytes(makes())

    with pytest.raises(UnsafeError) as caught:
        scan(file)

    assert told in caught.value.what


@pytest.mark.parametrize("what", hostile_archives.KERAS)
def test_a_hostile_keras_file_is_refused_before_keras_sees_it(what: str, tmp_path: Path) -> None:
    """By the name of the class, or by what is wrong with the zip."""
    makes, told = hostile_archives.KERAS[what]
    file = tmp_path / "model.keras"
    file.write_bytes(makes())

    with pytest.raises(UnsafeError) as caught:
        checked_keras(file)

    assert told in caught.value.what


def test_layers_of_keras_pass(tmp_path: Path) -> None:
    """With what they hold: initializers, activations by name, types."""
    held = {
        "kernel_initializer": hostile_archives.layer("keras.initializers", "GlorotUniform"),
        "activation": hostile_archives.layer("builtins", "function", "relu"),
        "dtype": hostile_archives.layer("keras", "DTypePolicy"),
    }
    file = tmp_path / "model.keras"
    file.write_bytes(hostile_archives.keras(hostile_archives.layer("keras.layers", "Dense", held)))

    checked_keras(file)


def test_hdf5_is_refused_by_its_name(tmp_path: Path) -> None:
    """It is not opened to see."""
    with pytest.raises(UnsafeError, match=r"only `\.keras` files"):
        checked_keras(tmp_path / "model.h5")


def test_a_bare_pickle_of_torch_is_refused(tmp_path: Path) -> None:
    """Before 1.6, PyTorch wrote no zip."""
    file = tmp_path / "model.pt"
    file.write_bytes(b"\x80\x02.")

    with pytest.raises(UnsafeError, match="bare pickles"):
        checked_torch(file)
    file.write_bytes(hostile_archives.zipped({"model/data.pkl": b""}))
    assert checked_torch(file) == {"model/data.pkl"}
