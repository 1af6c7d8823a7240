"""Model folders for tests: built file by file, with only the interesting part given."""

from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CONFIG = """
[model]
name = "apples"
task = "classification"

[[features]]
name = "weight"
minimum = 0
maximum = 10
example = 4.5

[[features]]
name = "colour"
"""

GOLDEN = """
{"examples": [{
  "name": "far apart", "inputs": {"features": [[1, 1], [9, 9]]}, "expect": {"label": ["no", "yes"]}
}]}
"""

# A tree on a grid of points; which side of the diagonal they are on.
TRAIN = """
import numpy as np
from sklearn.tree import DecisionTreeClassifier

from models.preparation import Trained


def train(*, depth: int = 8, seed: int = 0) -> Trained:
    X = np.random.default_rng(seed).uniform(0, 10, (200, 2))
    y = np.where(X.sum(axis=1) > 10, "yes", "no")
    return Trained(
        estimator=DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X[:150], y[:150]),
        X_train=X[:150], y_train=y[:150], X_held_out=X[150:], y_held_out=y[150:],
    )
"""


def a_model(models: Path, files: Mapping[str, str] | None = None) -> Path:
    """The folder of a small sound model below `models`, some of its files replaced by the given."""
    sound = {"model.toml": CONFIG, "golden.json": GOLDEN, "train.py": TRAIN, "CARD.md": "# apples"}
    folder = models / "apples"
    folder.mkdir(parents=True)
    for name, text in {**sound, **(files or {})}.items():
        (folder / name).write_text(text)
    return folder
