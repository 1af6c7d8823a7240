"""Models composed of others: wired, proven against their members, refused if they cannot be."""

from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from models.preparation.build import HELD_OUT
from models.preparation.preparing import prepare, prepared
from models.preparation.training import train
from tests.support.composites import CASCADE, IMAGES, MEAN, MEMBERS, OF_IMAGES, SWITCH, Orchard
from tests.support.models import GOLDEN, ROOT
from tests.support.services import service_of
from tests.support.stores import NOW
from wherry.artifact import Artifact
from wherry.engine import needed_files
from wherry.errors import ConfigurationError, ParityError, UsageError
from wherry.service import Service
from wherry.store import ModelStore

MARKET = GOLDEN.replace("[[1, 1], [9, 9]]}", '[[1, 1], [9, 9]], "market": ["home", "abroad"]}')
SEED = ("seed: int = 0", "seed: int = 1")


@pytest.fixture(scope="module")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Orchard:
    return Orchard(tmp_path_factory.mktemp("orchard"))


def held_out(orchard: Orchard) -> np.ndarray:
    with np.load(orchard.builds / "deep" / HELD_OUT) as kept:
        return np.asarray(kept["X"], np.float32)


def member(orchard: Orchard, name: str) -> Service:
    return service_of(prepared(orchard.models / name, orchard.builds / name))


def composed(orchard: Orchard, config: str, golden: str = GOLDEN) -> Artifact:
    orchard.compose(config, golden)
    return prepare(orchard.folder, orchard.build)


def test_an_ensemble_answers_the_mean_of_its_members_and_its_label(orchard: Orchard) -> None:
    rows = held_out(orchard)
    answers = [member(orchard, name).predict({"features": rows}) for name in MEMBERS]

    told = service_of(composed(orchard, MEAN)).predict({"features": rows})

    mean = np.mean([each["probabilities"] for each in answers], axis=0)
    assert_allclose(told["probabilities"], mean, atol=1e-6)
    assert told["label"].tolist() == np.array(["no", "yes"])[mean.argmax(axis=1)].tolist()


def test_a_cascade_answers_as_its_cheap_member_where_that_is_sure(orchard: Orchard) -> None:
    rows = held_out(orchard)
    cheap, costly = (
        member(orchard, name).predict({"features": rows})["probabilities"]
        for name in ("shallow", "deep")
    )

    told = service_of(composed(orchard, CASCADE)).predict({"features": rows})

    sure = cheap.max(axis=1) >= 0.9
    assert 0 < sure.sum() < len(rows)
    assert_array_equal(told["probabilities"], np.where(sure[:, np.newaxis], cheap, costly))


def test_a_vote_of_labels_is_composed_and_proven_like_the_others(orchard: Orchard) -> None:
    vote = MEAN.replace('"mean"', '"vote"').replace(".probabilities", ".label")
    config = vote.replace('probabilities = "both.value"', "")

    told = service_of(composed(orchard, config)).predict({"features": [[1, 1], [9, 9]]})

    assert {name: tensor.tolist() for name, tensor in told.items()} == {"label": ["no", "yes"]}


def test_a_switch_goes_by_an_input_that_no_member_takes(orchard: Orchard) -> None:
    artifact = composed(orchard, SWITCH, MARKET)

    rows = held_out(orchard)[:2]
    told = service_of(artifact).predict({"features": rows, "market": ["abroad", "home"]})

    names = ("shallow", "deep")
    for row, name in enumerate(names):
        alone = member(orchard, name).predict({"features": rows[row : row + 1]})
        assert_array_equal(told["probabilities"][row], alone["probabilities"][0])
    assert [each.name for each in artifact.manifest.inputs] == ["features", "market"]
    assert artifact.manifest.metrics == {}  # nobody knows which market a held-out apple is for


def test_a_composite_tells_what_it_is_made_of_and_how_good_it_is(orchard: Orchard) -> None:
    manifest = composed(orchard, MEAN).manifest

    assert manifest.labels == ("no", "yes")
    assert [feature.name for feature in manifest.features] == ["weight", "colour"]
    assert {"deep.onnx", "shallow.onnx", "members.json"} < set(manifest.files)
    assert 0.8 < manifest.metrics["accuracy"] <= 1
    assert manifest.parity.rows == 50


def test_the_same_members_make_the_same_composite(orchard: Orchard) -> None:
    assert composed(orchard, MEAN).digest == composed(orchard, MEAN).digest


def test_it_is_published_and_served_with_the_files_of_its_members_alone(orchard: Orchard) -> None:
    composed(orchard, MEAN)
    store = ModelStore.open("memory://")

    version = store.publish(prepared(orchard.folder, orchard.build), now=NOW)
    needed = store.load(version.digest, names=needed_files)

    assert set(needed.files) == {"manifest.json", "deep.onnx", "shallow.onnx"}
    assert service_of(needed).predict({"features": [[1, 1]]})["label"].tolist() == ["no"]


def test_an_ensemble_of_models_of_images_takes_images_and_answers_whole_labels(
    tmp_path: Path,
) -> None:
    scripts = {name: IMAGES.replace("STRENGTH", str(n)) for n, name in enumerate(MEMBERS, 1)}
    golden = (
        GOLDEN.replace("[[1, 1], [9, 9]]", "[[[0, 0]], [[255, 255]]]")
        .replace('"features"', '"image"')
        .replace('["no", "yes"]', "[0, 1]")
    )
    orchard = Orchard(tmp_path, scripts, OF_IMAGES, golden)

    manifest = composed(orchard, MEAN, golden).manifest

    member = prepared(orchard.models / "deep", orchard.builds / "deep").manifest
    assert manifest.image == member.image
    assert manifest.inputs == member.inputs
    assert [(each.name, each.datatype) for each in manifest.outputs] == [
        ("label", "INT64"), ("probabilities", "FP32"),
    ]  # fmt: skip


def test_a_composite_is_not_trained_and_says_what_is(orchard: Orchard) -> None:
    orchard.compose(MEAN)

    with pytest.raises(UsageError, match="wherry train deep && wherry train shallow"):
        train(orchard.folder, orchard.build)


def test_a_change_of_the_wiring_asks_for_preparing_again(orchard: Orchard) -> None:
    composed(orchard, MEAN)
    orchard.compose(MEAN.replace('"mean"', '"weighted"').replace(
        '["deep.probabilities", "shallow.probabilities"]',
        '{ "deep.probabilities" = 2, "shallow.probabilities" = 1 }',
    ))  # fmt: skip

    with pytest.raises(UsageError, match="Run `wherry prepare apples`"):
        prepared(orchard.folder, orchard.build)


def test_another_version_of_a_member_asks_for_preparing_again(tmp_path: Path) -> None:
    orchard = Orchard(tmp_path)
    composed(orchard, MEAN)
    script = MEMBERS["shallow"].replace("= 2", "= 1")
    (orchard.models / "shallow/train.py").write_text(script)

    orchard.prepare_member("shallow")

    with pytest.raises(UsageError, match="Run `wherry prepare apples`"):
        prepared(orchard.folder, orchard.build)


def test_members_that_share_no_held_out_row_cannot_be_judged(tmp_path: Path) -> None:
    orchard = Orchard(tmp_path)
    (orchard.models / "deep/train.py").write_text(MEMBERS["deep"].replace(*SEED))
    orchard.prepare_member("deep")

    with pytest.raises(ConfigurationError, match="no row was held out by all of deep, shallow"):
        composed(orchard, MEAN)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('model = "deep"', 'model = "plum"', "there is no model 'plum'"),
        ('model = "deep"', 'inputs = { features = "features" }', r"\[compose.steps 1\] model"),
        ('model = "deep"', 'model = "deep"\ninputs = { x = "features" }', "no input 'x'"),
        ('"both.value"', '"both.median"', "'both': it gives no 'median'"),
        ('"both.value"', '"bath.value"', "nothing gives 'bath.value'"),
        ('"deep.probabilities",', '"deep.chances",', "'deep': it gives no 'chances'"),
        ('kind = "mean"', 'kind = "median"', "Invalid value 'median'"),
        ('kind = "mean"', 'kind = "tokenize"\ntext = "text"', "unknown field `of`"),
        ("[compose.outputs]", "[compose.gives]", "it is missing"),
        ('["deep.probabilities", ', '["both.value", "deep.probabilities", ', "it waits for itself"),
        ('name = "shallow"', 'name = "deep"', "two steps have this name"),
        (' "shallow.probabilities"]', ' "deep.probabilities"]', "nothing takes what it gives"),
        (
            "[compose.outputs]",
            '[[compose.inputs]]\nname = "x"\ndatatype = "FP32"\n[compose.outputs]',
            "no step takes",
        ),
        (
            "[compose.outputs]",
            '[[compose.inputs]]\nname = "features"\ndatatype = "FP32"\n[compose.outputs]',
            "a model takes it",
        ),
    ],
)
def test_a_wiring_that_is_wrong_is_refused_with_its_place(
    orchard: Orchard, old: str, new: str, told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told) as refused:
        composed(orchard, MEAN.replace(old, new))

    assert "model.toml: [compose" in refused.value.where


def test_an_answer_that_is_not_that_of_its_members_seals_nothing(orchard: Orchard) -> None:
    """The tolerance is what lets a mean be rounded: without any, float32 is found out."""
    with pytest.raises(ParityError, match="held-out row"):
        composed(orchard, MEAN.replace('"mean"', '"weighted"').replace(
            '["deep.probabilities", "shallow.probabilities"]',
            '{ "deep.probabilities" = 2, "shallow.probabilities" = 1 }',
        ) + "\n[prepare]\ntolerance = 0\n")  # fmt: skip


def test_the_ensemble_that_comes_with_wherry_is_the_mean_of_two_models(tmp_path: Path) -> None:
    services = {}
    for name in ("iris", "iris-linear", "iris-ensemble"):
        folder, build = ROOT / "models" / name, tmp_path / name
        if name != "iris-ensemble":
            train(folder, build, {"trees": 10} if name == "iris" else {})
        services[name] = service_of(prepare(folder, build))

    rows = np.random.default_rng(0).uniform(0, 8, (50, 4)).astype(np.float32)
    forest, linear, both = (
        services[name].predict({"features": rows})["probabilities"] for name in services
    )

    assert_allclose(both, (forest + linear) / 2, atol=1e-6)
