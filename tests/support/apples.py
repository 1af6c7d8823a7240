"""Apples that are kept or thrown away: a model between declared steps before and after it."""

from pathlib import Path

from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.models import a_model
from wherry.artifact import Artifact

CONFIG = """
[model]
name = "apples"
task = "classification"

[[features]]
name = "weight"
[[features]]
name = "colour"
[[features]]
name = "age"

[[pipeline.pre]]
kind = "impute"
value = [5, 1, 0]

[[pipeline.pre]]
kind = "normalize"
mean = [5, 0, 0]
std = [2, 1, 1]

[[pipeline.pre]]
kind = "one_hot"
column = 1
categories = [1, 2, 3]

[[pipeline.post]]
kind = "threshold"
of = 1
at = 0.3

[[pipeline.post]]
kind = "label_map"
names = { 0 = "keep", 1 = "throw away" }
"""

# Heavy or old apples of colour 3; one number in ten is missing.
TRAIN = """
import numpy as np
from sklearn.ensemble import RandomForestClassifier

from models.preparation import Trained, steps_of


def train() -> Trained:
    steps = steps_of(__file__)
    random = np.random.default_rng(0)
    X = np.column_stack([random.uniform(0, 10, 400), random.integers(1, 4, 400),
                         random.uniform(0, 1, 400)])
    y = ((X[:, 0] > 7) | ((X[:, 1] == 3) & (X[:, 2] > 0.5))).astype(int)
    X[random.uniform(size=X.shape) < 0.1] = np.nan
    X = X.astype(np.float32)
    forest = RandomForestClassifier(20, random_state=0)
    return Trained(
        estimator=forest.fit(steps.before(X[:300]), y[:300]),
        X_train=X[:300], y_train=y[:300], X_held_out=X[300:], y_held_out=y[300:],
    )
"""

GOLDEN = """
{"examples": [{
  "name": "light and young, heavy",
  "inputs": {"features": [[2, 1, 0.1], [9, 2, 0.9]]},
  "expect": {"label": ["keep", "throw away"]}
}]}
"""
FILES = {"model.toml": CONFIG, "train.py": TRAIN, "golden.json": GOLDEN}


class Apples:
    """The model's folder, trained."""

    def __init__(self, root: Path, **files: str) -> None:
        self.folder = a_model(root / "models", FILES | files)
        self.build = root / "build"
        self.record = train(self.folder, self.build)

    def prepare(self) -> Artifact:
        return prepare(self.folder, self.build)
