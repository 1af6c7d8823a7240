"""A prepared model, cut into models of its own that answer together what it answers."""

from pathlib import Path

import numpy as np
import pytest

from models.preparation.preparing import prepare, prepared
from models.preparation.slicing.folders import cuts_of, write_parts
from models.preparation.training import train
from tests.support.models import CONFIG, GOLDEN, TRAIN, a_model
from tests.support.services import service_of
from wherry.errors import ConfigurationError, UsageError
from wherry.service import Service

SCRIPT = TRAIN.replace(
    "from sklearn.tree import DecisionTreeClassifier",
    "from sklearn.linear_model import LogisticRegression\n"
    "from sklearn.pipeline import make_pipeline\n"
    "from sklearn.preprocessing import StandardScaler",
).replace(
    "DecisionTreeClassifier(max_depth=depth, random_state=0)",
    "make_pipeline(StandardScaler(), LogisticRegression())",
)
WHOLE = """
[model]
name = "again"
task = "classification"

[[compose.steps]]
name = "first"
model = "apples-1"

[[compose.steps]]
name = "second"
model = "apples-2"
inputs = {{ {tensor} = "first.{tensor}" }}

[compose.outputs]
label = "second.label"
probabilities = "second.probabilities"
"""


class Apples:
    """A model of two steps, prepared, and the parts that it is cut into."""

    def __init__(self, root: Path) -> None:
        self.models, self.builds = root / "models", root / "builds"
        self.folder = a_model(self.models, {"train.py": SCRIPT, "model.toml": CONFIG})
        train(self.folder, self.build("apples"))
        self.whole = service_of(prepare(self.folder, self.build("apples")))
        self.tensor = cuts_of("apples", self.build("apples"))[0]

    def build(self, name: str) -> Path:
        return self.builds / name

    def cut(self) -> list[Path]:
        return write_parts(self.folder, self.build("apples"), [[self.tensor]])

    def prepare(self, name: str) -> Service:
        return service_of(prepare(self.models / name, self.build(name)))


@pytest.fixture
def apples(tmp_path: Path) -> Apples:
    return Apples(tmp_path)


def test_the_parts_run_in_order_answer_bit_for_bit_as_the_whole(apples: Apples) -> None:
    apples.cut()
    first, second = apples.prepare("apples-1"), apples.prepare("apples-2")
    rows = np.random.default_rng(3).uniform(0, 10, (100, 2)).astype(np.float32)

    told = second.predict(first.predict({"features": rows}))

    whole = apples.whole.predict({"features": rows})
    assert told["label"].tolist() == whole["label"].tolist()
    assert told["probabilities"].tobytes() == whole["probabilities"].tobytes()


def test_the_parts_are_composed_into_one_release_again(apples: Apples) -> None:
    apples.cut()
    apples.prepare("apples-1")
    apples.prepare("apples-2")
    folder = apples.models / "again"
    folder.mkdir()
    texts = {
        "model.toml": WHOLE.format(tensor=apples.tensor),
        "golden.json": GOLDEN,
        "CARD.md": "#",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)

    again = apples.prepare("again")

    rows = np.array([[1, 1], [9, 9]], np.float32)
    told, whole = (each.predict({"features": rows}) for each in (again, apples.whole))
    assert told["probabilities"].tobytes() == whole["probabilities"].tobytes()
    assert again.manifest.metrics == apples.whole.manifest.metrics


def test_each_part_has_the_ends_that_are_its_own(apples: Apples) -> None:
    apples.cut()

    first, second = (apples.prepare(name).manifest for name in ("apples-1", "apples-2"))

    assert [feature.name for feature in first.features] == ["weight", "colour"]
    assert (first.labels, second.labels) == ((), ("no", "yes"))
    assert [each.name for each in first.outputs] == [each.name for each in second.inputs]
    assert {"slice.json"} < set(first.files)


def test_the_folder_of_a_part_is_ready_and_says_what_it_is(apples: Apples) -> None:
    made = apples.cut()

    assert [path.name for path in made] == ["apples-1", "apples-2"]
    for path in made:
        apples.prepare(path.name)
        assert prepared(path, apples.build(path.name)).manifest.model == path.name
        assert "[`apples`](../apples/CARD.md)" in (path / "CARD.md").read_text()


def test_folders_that_are_there_are_left_alone(apples: Apples) -> None:
    apples.cut()

    with pytest.raises(UsageError, match="it is there already"):
        apples.cut()


def test_a_part_is_not_trained(apples: Apples) -> None:
    apples.cut()

    with pytest.raises(UsageError, match="Run `wherry train apples`"):
        train(apples.models / "apples-1", apples.build("apples-1"))


def test_another_version_of_the_whole_asks_for_its_parts_again(apples: Apples) -> None:
    apples.cut()
    apples.prepare("apples-1")
    train(apples.folder, apples.build("apples"), {"seed": 5})
    prepare(apples.folder, apples.build("apples"))

    with pytest.raises(UsageError, match="Run `wherry prepare apples-1`"):
        prepared(apples.models / "apples-1", apples.build("apples-1"))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("part = 1", "part = 3", "part 1 to 2"),
        ('of = "apples"', 'of = "plums"', "there is no model 'plums'"),
        ("cuts = ", "cuts = [] #", "at least 1 item"),
        ("part = 1", "part = 1\nslices = 1", "no such key"),
    ],
)
def test_a_slice_that_cannot_be_is_refused(apples: Apples, old: str, new: str, told: str) -> None:
    (first, _) = apples.cut()
    config = first / "model.toml"
    config.write_text(config.read_text().replace(old, new))

    with pytest.raises(ConfigurationError, match=told):
        apples.prepare("apples-1")
