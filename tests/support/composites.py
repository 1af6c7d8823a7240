"""Composites for tests: two small members, and a folder that says how they are wired."""

from collections.abc import Mapping
from pathlib import Path

from models.preparation.preparing import prepare
from models.preparation.training import train
from tests.support.models import CONFIG, GOLDEN, TRAIN

MEMBERS = {
    "deep": TRAIN,
    "shallow": TRAIN.replace("depth: int = 8", "depth: int = 2"),
}

HEAD = '[model]\nname = "apples"\ntask = "classification"\n'
IMAGES = """
import numpy as np
from sklearn.linear_model import LogisticRegression

from models.preparation import Trained, steps_of


def train() -> Trained:
    X = np.random.default_rng(0).integers(0, 256, (80, 1, 2), np.uint8)
    y = (X.reshape(80, 2).astype(int) @ [1, STRENGTH] > 128).astype(int)
    estimator = LogisticRegression().fit(steps_of(__file__).before(X[:60]), y[:60])
    return Trained(
        estimator=estimator, X_train=X[:60], y_train=y[:60], X_held_out=X[60:], y_held_out=y[60:]
    )
"""
OF_IMAGES = (
    HEAD
    + """
[image]
width = 2
height = 1
mode = "L"

[[pipeline.pre]]
kind = "flatten"
"""
)
STEPS = """
[[compose.steps]]
name = "deep"
model = "deep"

[[compose.steps]]
name = "shallow"
model = "shallow"
"""
MEAN = f"""{HEAD}{STEPS}
[[compose.steps]]
name = "both"
kind = "mean"
of = ["deep.probabilities", "shallow.probabilities"]

[compose.outputs]
label = "both.label"
probabilities = "both.value"
"""
CASCADE = f"""{HEAD}{STEPS}
[[compose.steps]]
name = "either"
kind = "cascade"
steps = ["shallow", "deep"]
threshold = 0.9

[compose.outputs]
label = "either.label"
probabilities = "either.probabilities"
"""
SWITCH = f"""{HEAD}{STEPS}
[[compose.steps]]
name = "chosen"
kind = "switch"
by = "market"
cases = {{ home = "deep", abroad = "shallow" }}

[[compose.inputs]]
name = "market"
datatype = "BYTES"

[compose.outputs]
label = "chosen.label"
probabilities = "chosen.probabilities"
"""


class Orchard:
    """Members that are prepared, and the folder `apples` that is composed of them."""

    def __init__(
        self,
        root: Path,
        scripts: Mapping[str, str] = MEMBERS,
        config: str = CONFIG,
        golden: str = GOLDEN,
    ) -> None:
        self.models, self.builds = root / "models", root / "builds"
        for name, script in scripts.items():
            self.write(name, config.replace('"apples"', f'"{name}"'), script, golden)
            self.prepare_member(name)

    @property
    def folder(self) -> Path:
        return self.models / "apples"

    @property
    def build(self) -> Path:
        return self.builds / "apples"

    def compose(self, config: str, golden: str = GOLDEN) -> None:
        self.write("apples", config, "", golden)

    def write(self, name: str, config: str, script: str, golden: str = GOLDEN) -> None:
        folder = self.models / name
        folder.mkdir(parents=True, exist_ok=True)
        texts = {"model.toml": config, "golden.json": golden, "CARD.md": f"# {name}"}
        for file, text in {**texts, **({"train.py": script} if script else {})}.items():
            (folder / file).write_text(text)

    def prepare_member(self, name: str) -> None:
        train(self.models / name, self.builds / name)
        prepare(self.models / name, self.builds / name)
