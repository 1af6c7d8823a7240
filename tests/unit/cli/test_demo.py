"""The demo throws away what it made, and nothing else."""

from pathlib import Path

import pytest

from cli.demo import Step, check_ours, claim, leave, run
from wherry.errors import UsageError, WherryError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A local AWS that a demo was about to make."""
    claim(tmp_path / "local")
    (tmp_path / "local" / "state").mkdir()
    return tmp_path / "local"


def test_a_demo_that_was_killed_may_be_made_again(folder: Path) -> None:
    check_ours(folder)


def test_after_a_demo_nothing_is_left_that_the_next_one_could_throw_away(folder: Path) -> None:
    """Else a local AWS that somebody starts there afterwards would count as the demo's."""
    leave(folder, keep=False)
    assert not folder.exists()

    (folder / "state").mkdir(parents=True)
    with pytest.raises(UsageError, match="holds work of yours"):
        check_ours(folder)


def test_what_a_demo_kept_is_the_users(folder: Path) -> None:
    leave(folder, keep=True)

    with pytest.raises(UsageError, match="holds work of yours"):
        check_ours(folder)


def test_a_step_that_fails_is_told_with_its_command_and_what_to_do(tmp_path: Path) -> None:
    step = Step("train", ("train", "nothing"), lambda _: "")

    with pytest.raises(WherryError, match=r"wherry train nothing: .*no Wherry project.* cd into"):
        run(step, tmp_path, tmp_path / "demo.log")
