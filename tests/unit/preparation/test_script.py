"""A model's train.py: its options are what its signature says, its errors are told by its line."""

from pathlib import Path

import pytest

from models.preparation.script import run_script
from tests.support.models import a_model
from wherry.errors import ConfigurationError, ToolError, UsageError, WherryError

# Returns at once, with the options as metrics; no library is needed.
SCRIPT = """
from typing import Literal

import numpy as np

from models.preparation import Trained

def train(*, kind: Literal["tree", "line"] = "tree", depth: int = 3, share: float = 0.5) -> Trained:
    told = {"kind": len(kind), "depth": depth, "share": share}
    rows = np.zeros((1, 1))
    return Trained(estimator=kind, X_train=rows, y_train=rows, X_held_out=rows, y_held_out=rows,
                   metrics=told)
"""


def folder_with(tmp_path: Path, script: str) -> Path:
    return a_model(tmp_path, {"train.py": script})


def test_options_on_the_command_win_over_the_file_and_both_over_the_defaults(
    tmp_path: Path,
) -> None:
    folder = folder_with(tmp_path, SCRIPT)

    trained = run_script(folder, {"depth": 4, "kind": "line"}, {"depth": "5"})

    assert trained.estimator == "line"
    assert trained.metrics == {"kind": 4, "depth": 5, "share": 0.5}


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"trees": "9"}, r"option trees: no such key. Allowed: kind, depth, share"),
        ({"kind": "forest"}, r"option kind: 'forest' is not allowed. Allowed: 'tree' or 'line'"),
        ({"depth": "deep"}, r"option depth: 'deep' is not allowed. Input should be a valid int"),
    ],
)
def test_an_option_that_train_does_not_take_is_told(
    tmp_path: Path, option: dict[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        run_script(folder_with(tmp_path, SCRIPT), {}, option)


def test_the_same_mistake_in_the_file_is_told_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"model.toml: \[train\] kind: 'forest' is not"):
        run_script(folder_with(tmp_path, SCRIPT), {"kind": "forest"}, {})


@pytest.mark.parametrize(
    ("script", "error", "told"),
    [
        ("def train(:\n", ConfigurationError, r"train.py:1: SyntaxError"),
        ("\n1 / 0\n", ConfigurationError, r"train.py:2: ZeroDivisionError: division by zero"),
        ("def train():\n    {}['x']\n", ConfigurationError, r"train.py:2: KeyError: 'x'"),
        ("x = 1\n", ConfigurationError, "it defines no function `train`"),
        (
            "def train():\n    return 3\n",
            ConfigurationError,
            "it returns no Trained: 3. Return a T",
        ),
        ("def train():\n    exit(0)\n", ConfigurationError, r"train.py:2: SystemExit: 0. Mend"),
        ("raise SystemExit('bye')\n", ConfigurationError, r"train.py:1: SystemExit: bye"),
        ("def train(*trees):\n    pass\n", ConfigurationError, r"parameter \*trees, which has no"),
        ("import no_such_library\n", ToolError, r"train.py:1: .*no_such_library.* Install it"),
        (
            "from wherry.errors import UsageError\nraise UsageError('me', 'says', 'so')\n",
            UsageError,
            "^me: says. so$",
        ),
    ],
)
def test_a_mistake_in_the_script_is_told_by_its_line(
    tmp_path: Path, script: str, error: type[WherryError], told: str
) -> None:
    with pytest.raises(error, match=told):
        run_script(folder_with(tmp_path, script), {}, {})


def test_a_missing_script_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        run_script(tmp_path, {}, {})


def test_what_the_script_and_its_programs_print_is_no_result(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With --json, stdout is one document, whatever a script says on the way."""
    loud = "import subprocess\nprint('here')\nsubprocess.run(['echo', 'there'])\n"

    run_script(folder_with(tmp_path, loud + SCRIPT), {}, {})

    out, err = capfd.readouterr()
    assert out == ""
    assert sorted(err.split()) == ["here", "there"]
