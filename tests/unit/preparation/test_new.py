"""`wherry new` writes a whole folder or nothing, and over nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.preparation.config import read_config
from models.preparation.new import new_model
from wherry.errors import UsageError
from wherry_control.project import Project

# The system kills whoever writes a file of more than 100 bytes.
KILLED = """
import resource, signal, sys
from pathlib import Path
from models.preparation.new import new_model
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
new_model(Path(sys.argv[1]), "half")
"""


def test_a_new_folder_has_all_that_a_model_needs(tmp_path: Path) -> None:
    written = new_model(tmp_path, "my-model")

    assert {path.name for path in written} == {"train.py", "model.toml", "golden.json", "CARD.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["my-model"]
    assert read_config(tmp_path / "my-model").model.name == "my-model"


def test_a_dry_run_tells_the_files_and_writes_none(tmp_path: Path) -> None:
    assert len(new_model(tmp_path, "my-model", dry_run=True)) == 4
    assert not list(tmp_path.iterdir())


def test_a_folder_that_exists_is_never_touched(tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "notes.txt"
    mine.parent.mkdir()
    mine.write_text("keep")

    with pytest.raises(UsageError, match="it is there already"):
        new_model(tmp_path, "mine")
    assert [path.name for path in mine.parent.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["", "Iris", "../x", "a b", "preparation", "store", "ci", "1st"])
def test_what_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no name for a model"):
        new_model(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_a_command_that_is_killed_leaves_no_half_of_a_model(tmp_path: Path) -> None:
    """A folder below `models` with a model.toml is a model, whatever its name."""
    models = tmp_path / "models"

    done = subprocess.run([sys.executable, "-c", KILLED, str(models)], check=False)

    assert done.returncode == -signal.SIGXFSZ
    assert list(models.iterdir()) == []
    assert Project(tmp_path).models() == []
