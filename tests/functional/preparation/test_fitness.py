"""What a script returns and model.toml do not agree on is the author's to mend, and is told so."""

from pathlib import Path

import pytest

from models.preparation.build import PREPARED, TRAINED
from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.models import CONFIG, TRAIN, a_model
from wherry.errors import ConfigurationError


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("X_train=X[:150]", "X_train=X[:150].tolist()", "X_train is of type list. Give a table"),
        ("y_train=y[:150]", "y_train=y[:9]", r"X_train has 150 rows, y_train is <U3 \[9\]"),
        ("y_held_out=y[150:]", "y_held_out=list(y)", "y_held_out is of type list. Give one answer"),
        (".fit(X[:150], y[:150])", "", "DecisionTreeClassifier is not fitted. Return one that is"),
        ("X_held_out=X[150:]", "X_held_out=X[150:] + np.inf", r"\(ValueError: Input X c"),
        ("X_train=X", "metrics={'f1': 'good'}, X_train=X", "the metric f1 is 'good'. Give finite"),
        ("X_train=X", "metrics={'f1': float('nan')}, X_train=X", "the metric f1 is nan"),
    ],
)
def test_what_scikit_learn_would_choke_on_is_told_of_the_script(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder = a_model(tmp_path, {"train.py": TRAIN.replace(old, new)})

    with pytest.raises(ConfigurationError, match=told) as caught:
        train(folder, tmp_path / "build")

    assert caught.value.where == str(folder / "train.py")
    assert not (tmp_path / "build" / TRAINED).exists()


def test_a_classifier_for_a_regression_is_told_of_the_settings(tmp_path: Path) -> None:
    config = CONFIG.replace("classification", "regression")

    with pytest.raises(ConfigurationError, match=r"task: 'regression', and Dec.* is a classifier"):
        train(a_model(tmp_path, {"model.toml": config}), tmp_path / "build")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (f'{CONFIG}[[features]]\nname = "third"\n', "3 columns are described, X_train has 2"),
        (CONFIG.replace("classification", "regression"), "is a classifier"),
    ],
)
def test_settings_that_were_changed_after_training_are_judged_again(
    tmp_path: Path, config: str, told: str
) -> None:
    """Else the artifact would describe columns that its model does not have."""
    folder, build = a_model(tmp_path), tmp_path / "build"
    train(folder, build)
    (folder / "model.toml").write_text(config)

    with pytest.raises(ConfigurationError, match=told):
        prepare(folder, build)
    assert not (build / PREPARED).exists()
