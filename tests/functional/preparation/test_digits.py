"""digits, the model of images that comes with Wherry, answers files and golden rows alike."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from models.preparation.config import read_config
from models.preparation.preparing import prepare
from models.preparation.steps.pipeline import ask
from models.preparation.training import TrainingRecord, read_training, train
from tests.support.events import FRONTS, Call
from tests.support.images import file_of, grey_png, many_scans
from tests.support.models import ROOT
from tests.support.services import service_of
from wherry.artifact import Artifact
from wherry.http.app import App
from wherry.http.lambda_events import handler_for
from wherry.http.wire import Request
from wherry.service import Service

FOLDER = ROOT / "models" / "digits"
INK = 16


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("digits")


@pytest.fixture(scope="module")
def record(build: Path) -> TrainingRecord:
    return train(FOLDER, build)


@pytest.fixture(scope="module")
def artifact(build: Path, record: TrainingRecord) -> Artifact:
    assert record.model == "digits"
    return prepare(FOLDER, build)


@pytest.fixture(scope="module")
def app(service: Service) -> App:
    return App(service)


@pytest.fixture(scope="module")
def service(artifact: Artifact) -> Service:
    return service_of(artifact)


def post(service: Service, path: str, body: bytes, content_type: str) -> Mapping[str, Any]:
    headers = {"content-type": content_type, "content-length": str(len(body))}
    reply = App(service).answer(Request("POST", path, headers, body))
    assert reply.status == 200, reply.body
    told: Mapping[str, Any] = json.loads(reply.body)
    return told


def sent(service: Service, file: bytes) -> Any:
    """What is said of an image file."""
    return post(service, "/predict/digits", file, "image/*")["prediction"]


def held_out() -> tuple[NDArray[Any], NDArray[Any]]:
    """The images that train.py holds out, as units of ink."""
    ink, y = load_digits(return_X_y=True)
    _, rows, _, truth = train_test_split(ink, y, test_size=0.25, stratify=y, random_state=7)
    return rows.reshape(-1, 8, 8), truth


def drawn(ink: NDArray[Any], size: int, margin: int) -> Image.Image:
    grey = Image.fromarray(np.round(255 - ink * 255 / INK).astype(np.uint8))
    paper = Image.new("L", (size + 2 * margin, size + 3 * margin), 250)
    paper.paste(grey.resize((size, size), Image.Resampling.BICUBIC), (margin, margin))
    return paper


@pytest.mark.parametrize(
    ("kind", "size", "margin"),
    [("PNG", 8, 0), ("PNG", 32, 8), ("JPEG", 32, 8), ("JPEG", 200, 90), ("WEBP", 200, 30)],
)
def test_a_file_that_was_never_learnt_gets_its_digit(
    service: Service, kind: str, size: int, margin: int
) -> None:
    """Nine in ten of them, of sizes and margins that training did not see; the card says more."""
    rows, truth = held_out()

    told = [sent(service, file_of(drawn(ink, size, margin), kind)) for ink in rows[:100]]

    labels = [each["label"] for each in told]
    assert np.mean(labels == truth[:100]) > 0.9
    assert all(len(each["probabilities"]) == 10 for each in told)


@pytest.mark.parametrize("front", FRONTS)
def test_a_file_is_answered_alike_behind_every_front(
    app: App, service: Service, front: str
) -> None:
    file = file_of(drawn(held_out()[0][0], 64, 16), "JPEG")
    call = Call("POST", "/predict/digits", file, {"Content-Type": "image/jpeg"})

    reply = handler_for(app)(FRONTS[front](call), None)

    assert reply["statusCode"] == 200
    assert json.loads(reply["body"])["prediction"] == sent(service, file)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_file_cut_short_anywhere_is_a_400_over_http(app: App, kind: str) -> None:
    file = file_of(drawn(held_out()[0][0], 16, 4), kind)
    headers = {"content-type": "image/*"}

    replies = [
        app.answer(Request("POST", "/predict/digits", headers, file[:length]))
        for length in range(0, len(file) - 20, 7)
    ]

    assert {reply.status for reply in replies} == {400}
    assert all(json.loads(reply.body).keys() == {"error"} for reply in replies)


@pytest.mark.parametrize(
    "file",
    [grey_png(9_000, 9_000, b""), many_scans(100), bytes(4_200_000)],
    ids=["pixels", "scans", "bytes"],
)
def test_an_image_over_a_limit_is_a_413_over_http(app: App, file: bytes) -> None:
    reply = app.answer(Request("POST", "/predict/digits", {"content-type": "image/*"}, file))

    assert reply.status == 413
    assert "the image: it has" in json.loads(reply.body)["error"]


def test_the_card_tells_what_training_measures(record: TrainingRecord) -> None:
    card = (FOLDER / "CARD.md").read_text()

    for name, value in record.metrics.items():
        assert f"| {name} | {value:.4f} |" in card


def test_an_image_is_one_row_of_levels(artifact: Artifact) -> None:
    (tensor,) = artifact.manifest.inputs

    assert (tensor.name, tensor.datatype, tensor.shape) == ("image", "UINT8", (-1, 8, 8))
    assert artifact.manifest.image is not None
    assert artifact.manifest.features == ()
    assert artifact.manifest.parity.label_agreement == 1


def test_golden_rows_mean_the_same_to_training_to_the_library_and_to_v2(
    build: Path, service: Service
) -> None:
    steps = read_config(FOLDER).steps
    estimator = read_training("digits", build).estimator

    for example in json.loads((FOLDER / "golden.json").read_text())["examples"]:
        rows = np.array(example["inputs"]["image"], np.uint8)
        trained = steps.after(ask(estimator, steps.before(rows), "classification"))
        library = service.predict({"image": rows})
        tensor = {"name": "image", "datatype": "UINT8", "shape": [1, 8, 8]}
        body = {"inputs": [tensor | {"data": rows.ravel().tolist()}]}
        told = post(
            service, "/v2/models/digits/infer", json.dumps(body).encode(), "application/json"
        )
        outputs = {each["name"]: each["data"] for each in told["outputs"]}

        assert trained.label is not None
        assert example["expect"]["label"] == outputs["label"]
        assert trained.label.tolist() == library["label"].tolist() == outputs["label"]
        np.testing.assert_allclose(library["probabilities"], trained.numbers, atol=1e-5)
        np.testing.assert_allclose([outputs["probabilities"]], trained.numbers, atol=1e-5)


def test_a_golden_row_sent_as_a_file_gets_the_same_digit(service: Service) -> None:
    for example in json.loads((FOLDER / "golden.json").read_text())["examples"]:
        pixels = np.array(example["inputs"]["image"][0], np.uint8)

        told = sent(service, file_of(Image.fromarray(pixels)))

        assert [told["label"]] == example["expect"]["label"]


def test_a_file_that_needs_no_fitting_is_to_the_bit_what_a_v2_client_sends(
    service: Service,
) -> None:
    """It is 8 x 8, and has ink at all four sides."""
    pixels = np.random.default_rng(7).integers(0, 128, (8, 8), dtype=np.uint8)

    by_file = sent(service, file_of(Image.fromarray(pixels)))

    by_pixels = service.predict({"image": pixels[np.newaxis]})
    assert (
        np.array([*by_file["probabilities"].values()], np.float32).tolist()
        == by_pixels["probabilities"][0].tolist()
    )
