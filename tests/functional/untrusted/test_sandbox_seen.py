"""What a child holds is seen from outside, and it reaches nobody by a road beside."""

import errno
from pathlib import Path

import pytest

from models.preparation.sandbox import Child, Limits
from wherry.errors import UnsafeError

SMALL = Limits(cpu_seconds=20, wall_seconds=20, disk_bytes=50 << 20, files=100)
DENIED = "PermissionError"


@pytest.mark.parametrize(("folders", "name"), [(70, "d"), (20, "d" * 250)])
def test_no_file_lies_too_deep_to_be_counted(folders: int, name: str, tmp_path: Path) -> None:
    """A path too long to be followed is over the bound by itself."""
    with (
        Child("tests.support.confined", folder=tmp_path, limits=SMALL) as child,
        pytest.raises(UnsafeError, match="writes more than 50 MiB"),
    ):
        child.ask("hog_below", folders=folders, name=name)


def test_files_of_the_requests_before_are_counted(tmp_path: Path) -> None:
    """Else a child would write as much again with every request; what it was given is not."""
    (tmp_path / "given").write_bytes(bytes(60 << 20))
    with Child("tests.support.confined", folder=tmp_path, limits=SMALL) as child:
        child.ask("leave", count=30)
        with pytest.raises(UnsafeError, match="writes more than 50 MiB"):
            child.ask("leave", count=30)


@pytest.mark.parametrize("command", [8, 10, 15])
def test_no_file_sends_a_signal(command: int, child: Child) -> None:
    """Whom a file signals (F_SETOWN, F_SETSIG, F_SETOWN_EX) can be any process of the user."""
    assert child.ask("signal_by_file", command=command)["came"] == DENIED


@pytest.mark.parametrize("verb", ["hide", "own_files"])
def test_it_cannot_hide_what_it_holds(verb: str, child: Child) -> None:
    """Open files are counted from outside, where a process lets others of its user look."""
    assert child.ask(verb)["number"] == errno.EPERM


def test_it_schedules_itself_alone(child: Child) -> None:
    """Whoever names a process, were it itself, could name the one that started it."""
    assert child.ask("scheduled", named=False)["came"] == "done"
    assert child.ask("scheduled", named=True)["came"] == DENIED
