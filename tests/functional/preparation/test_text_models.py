"""A model of text from its script to an answer, and every way in which a script gets it wrong."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.preparation.build import HELD_OUT
from models.preparation.preparing import prepare, prepared
from models.preparation.texts.bag import Bag
from models.preparation.training import read_training, train
from tests.support.models import ROOT, a_model
from tests.support.services import service_of
from tests.support.stores import NOW
from wherry.engine import needed_files
from wherry.errors import ConfigurationError, UsageError
from wherry.store import ModelStore

TOPICS = ROOT / "models/topics"
CONFIG = '[model]\nname = "apples"\ntask = "classification"\n'
GOLDEN = """{"examples": [
  {"name": "one", "inputs": {"text": ["a red apple"]}, "expect": {"label": ["red"]}}
]}"""
TRAIN = """
import numpy as np
from sklearn.linear_model import LogisticRegression
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from models.preparation import Trained
from models.preparation.texts import token_counts


def train() -> Trained:
    texts = np.array([f"a {colour} apple {number}" for number in range(30)
                      for colour in ("red", "green")])
    y = np.array(["red", "green"] * 30)
    tokenizer = Tokenizer(models.WordLevel(unk_token="?"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.train_from_iterator(texts[:40], trainers.WordLevelTrainer(
        special_tokens=["?"], show_progress=False))
    told = tokenizer.to_str()
    estimator = LogisticRegression().fit(token_counts(told, texts[:40]), y[:40])
    return Trained(
        estimator=estimator, tokenizer=told,
        X_train=texts[:40], y_train=y[:40], X_held_out=texts[40:], y_held_out=y[40:],
    )
"""


class Topics:
    """The model that comes with Wherry, trained and prepared once."""

    def __init__(self, build: Path) -> None:
        self.build = build
        self.record = train(TOPICS, build)
        self.artifact = prepare(TOPICS, build)


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Topics:
    return Topics(tmp_path_factory.mktemp("topics"))


def apples(tmp_path: Path, script: str = TRAIN, config: str = CONFIG) -> tuple[Path, Path]:
    files = {"train.py": script, "model.toml": config, "golden.json": GOLDEN}
    return a_model(tmp_path / "models", files), tmp_path / "build"


def test_topics_is_trained_prepared_published_and_served(topics: Topics) -> None:
    store = ModelStore.open("memory://")

    version = store.publish(prepared(TOPICS, topics.build), now=NOW)
    needed = store.load(version.digest, names=needed_files)
    told = service_of(needed).predict({"text": ["Which bucket is the object in?", ""]})

    assert set(needed.files) == {"manifest.json", "model.onnx", "tokenizer.json"}
    assert told["label"].tolist()[0] == "s3"
    assert told["probabilities"].shape == (2, 10)


def test_topics_is_right_far_more_often_than_by_guessing(topics: Topics) -> None:
    assert topics.record.metrics["accuracy"] > 0.8
    assert topics.artifact.manifest.parity.label_agreement == 1


def test_no_held_out_paragraph_was_learnt(topics: Topics) -> None:
    """The split is by what is described; what is said of both, word for word, is only learnt."""
    trained = read_training("topics", topics.build)
    script = (TOPICS / "train.py").read_text()

    scope: dict[str, Any] = {"__name__": "topics"}
    exec(compile(script, "train.py", "exec"), scope)  # noqa: S102 - our own script
    of_parameters, services = scope["_of_parameters"], scope["SERVICES"]
    learnt = {text.casefold() for name in services for text in of_parameters(name)}

    assert len(trained.X) > 1000
    both = learnt & {text.casefold() for text in trained.X.tolist()}
    assert both == set()


def test_the_service_answers_as_the_trained_estimator_does(topics: Topics) -> None:
    trained = read_training("topics", topics.build)
    assert trained.tokenizer is not None
    texts = [str(text) for text in trained.X[:100]]
    counts = Bag(trained.tokenizer).counts(texts).toarray()

    told = service_of(topics.artifact).predict({"text": texts})

    assert told["label"].tolist() == trained.estimator.predict(counts).tolist()
    wanted = trained.estimator.predict_proba(counts)
    np.testing.assert_allclose(told["probabilities"], wanted, atol=1e-5)


def test_training_again_gives_the_same_artifact(tmp_path: Path) -> None:
    folder, build = apples(tmp_path)
    digests = []
    for _ in range(2):
        train(folder, build)
        digests.append(prepare(folder, build).digest)

    assert digests[0] == digests[1]


def test_the_manifest_tells_the_bounds_of_a_text(tmp_path: Path) -> None:
    folder, build = apples(tmp_path)
    train(folder, build)

    manifest = prepare(folder, build).manifest

    assert [(each.name, each.datatype) for each in manifest.inputs] == [("text", "BYTES")]
    assert manifest.pipeline is not None
    step = json.loads(manifest.to_bytes())["pipeline"]["steps"][0]
    assert (step["max_tokens"], step["too_long"], step["max_characters"]) == (512, "refuse", 20_000)


def test_a_tokenizer_that_was_altered_is_not_prepared(tmp_path: Path) -> None:
    folder, build = apples(tmp_path)
    train(folder, build)
    (build / "tokenizer.json").write_text("{}")

    with pytest.raises(UsageError, match="altered after training"):
        prepare(folder, build)


def test_texts_are_kept_as_texts_and_never_as_pickles(tmp_path: Path) -> None:
    script = TRAIN.replace(
        "    y = np.array(", "    texts = texts.astype(object)\n    y = np.array("
    )
    folder, build = apples(tmp_path, script)
    train(folder, build)

    with np.load(build / HELD_OUT, allow_pickle=False) as kept:
        assert kept["X"].dtype.kind == "U"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("X_train=texts[:40]", "X_train=list(texts[:40])", "X_train is no list of texts"),
        ("X_held_out=texts[40:]", "X_held_out=np.eye(20)", "X_held_out is no list of texts"),
        ("y_train=y[:40]", "y_train=y[:39]", "y_train is not one answer a text"),
        ("tokenizer=told", 'tokenizer="{}"', "the tokenizer does not take the held-out texts"),
        ("tokenizer=told", 'tokenizer="no"', "the tokenizer does not take the held-out texts"),
        (
            "LogisticRegression().fit(token_counts(told, texts[:40])",
            "LogisticRegression().fit(np.eye(40)",
            "the estimator fails on the held-out rows",
        ),
    ],
)
def test_a_script_that_gets_text_wrong_is_told_what(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    folder, build = apples(tmp_path, TRAIN.replace(old, new))

    with pytest.raises(ConfigurationError, match=told):
        train(folder, build)


def test_columns_are_not_described_where_rows_are_texts(tmp_path: Path) -> None:
    folder, build = apples(tmp_path, config=CONFIG + '[[features]]\nname = "weight"\n')

    with pytest.raises(ConfigurationError, match="the rows are texts"):
        train(folder, build)
