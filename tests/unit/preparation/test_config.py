"""Every mistake in a model.toml is told with the file, the key, the value and what is allowed."""

from pathlib import Path

import pytest

from models.preparation.config import read_config
from tests.support.models import CONFIG, a_model
from wherry.errors import ConfigurationError

ABOUT = '[model]\nname = "apples"\ntask = "classification"\n'


def test_a_sound_file_gives_its_values(tmp_path: Path) -> None:
    config = read_config(a_model(tmp_path, {"model.toml": CONFIG + "[train]\ndepth = 3\n"}))

    assert config.model.task == "classification"
    assert [feature.name for feature in config.features] == ["weight", "colour"]
    assert config.features[0].maximum == 10
    assert config.train == {"depth": 3}
    assert config.prepare.closeness == 1e-5


def test_the_tables_of_other_parts_are_left_to_them(tmp_path: Path) -> None:
    text = ABOUT + "[deploy]\nmemory_mb = 9\n[rollout]\ngolden_tolerance = 1\n"

    read_config(a_model(tmp_path, {"model.toml": text}))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[model\n", r"model.toml: it is no TOML: .*line 1"),
        (ABOUT + "[modle]\n", r"model.toml: modle: no such table. Allowed: model, features, image"),
        ("", r"model.toml: \[model\] name: it is missing. Add it"),
        ("[model]\nname = 'apples'\n", r"\[model\] task: it is missing"),
        (
            "[model]\nname = 'apples'\ntask = 'ranking'\n",
            r"task: 'ranking' is not allowed. Allowed: 'classification', 'regression' or 'other'",
        ),
        (
            "[model]\nname = 'pears'\ntask = 'regression'\n",
            r"\[model\] name: 'pears' is not the name of its folder. Write name = \"apples\"",
        ),
        (
            ABOUT + "owner = 'me'\n",
            r"\[model\] owner: no such key. Allowed: name, task, description",
        ),
        ("model = 3\n", r"model: 3 is no table. Write it as \[model\]"),
        (ABOUT + "[prepare]\ntolerance = -1\n", r"\[prepare\] tolerance: -1 is not allowed. .*0"),
        (ABOUT + "[prepare]\ntolerance = nan\n", r"\[prepare\] tolerance: nan is not allowed"),
        (ABOUT + "[prepare]\ntolerance = '1'\n", r"\[prepare\] tolerance: '1' is not allowed"),
        (ABOUT + "[prepare]\ngates = 1\n", r"\[prepare\] gates: no such key. Allowed: tolerance"),
        (ABOUT + "[features]\nname = 'a'\n", r"features: .* is no table. Write it as \[\[features"),
        (ABOUT + "[[features]]\nunit = 'cm'\n", r"\[features 1\] name: it is missing"),
        (
            ABOUT + "[[features]]\nname = 'a'\nmax = 1\n",
            r"\[features 1\] max: no such key. Allowed: name, unit, minimum, maximum, example",
        ),
        (
            ABOUT + "[[features]]\nname = 'a'\n[[features]]\nname = 'a'\n",
            r"\[features 2\] name: 'a' is there twice",
        ),
        (
            ABOUT + "[[features]]\nname = 'a'\nminimum = 5\nmaximum = 1\n",
            r"\[features 1\]: minimum = 5, maximum = 1 is not allowed",
        ),
        (
            ABOUT + "[[features]]\nname = 'a'\nmaximum = 5\nexample = 7\n",
            r"\[features 1\]: example = 7, maximum = 5 is not allowed",
        ),
        (ABOUT + "[[features]]\nname = 'a'\nexample = inf\n", r"example = inf is not allowed"),
        (ABOUT + "[[features]]\nname = 'a'\nexample = true\n", r"example: True is not allowed"),
    ],
)
def test_each_mistake_is_told_by_its_key(tmp_path: Path, text: str, told: str) -> None:
    folder = a_model(tmp_path, {"model.toml": text})

    with pytest.raises(ConfigurationError, match=told) as caught:
        read_config(folder)
    assert str(folder / "model.toml") in caught.value.where


def test_a_missing_file_is_told_with_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file\. `wherry new pears`"):
        read_config(tmp_path / "pears")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    folder = a_model(tmp_path)
    (folder / "model.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigurationError, match="it cannot be read"):
        read_config(folder)
