"""Which digit an image of handwriting shows (UCI's optical digits; scikit-learn's copy)."""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from models.preparation import Trained, steps_of

Images = NDArray[Any]
Score = Callable[[Images], Images]
INK = 16  # the most that the data counts in a pixel
LEARNT = ("PNG 8", "PNG 64 smooth")
NEVER_LEARNT = ("PNG 200", "JPEG 64", "JPEG 200 smooth")


def train(
    *,
    estimator: Literal["logistic_regression", "cnn"] = "logistic_regression",
    c: float = 10.0,
    epochs: int = 12,
    seed: int = 7,
) -> Trained:
    """
    Learn from three quarters of the images, as files.

    `c` says how closely the regression fits them; `epochs` how often the network sees them.
    """
    steps = steps_of(__file__)
    ink, y = load_digits(return_X_y=True)
    train, held_out, y_train, y_held_out = train_test_split(
        ink.reshape(-1, 8, 8), y, test_size=0.25, stratify=y, random_state=seed
    )

    def sent(images: Images, way: str) -> Images:
        return steps.read(as_file(image, way) for image in images)

    def accuracy(way: str) -> float:
        told = score(steps.before(sent(held_out, way)))
        return float((told.argmax(axis=1) == y_held_out).mean())

    X_train = np.concatenate([sent(train, way) for way in LEARNT])
    y_learnt = np.tile(y_train, len(LEARNT))
    ready = steps.before(X_train)
    is_network = estimator == "cnn"
    model, score = _network(ready, y_learnt, epochs) if is_network else _fit(ready, y_learnt, c)
    return Trained(
        estimator=model,
        X_train=X_train,
        y_train=y_learnt,
        X_held_out=np.concatenate([sent(held_out, way) for way in LEARNT]),
        y_held_out=np.tile(y_held_out, len(LEARNT)),
        metrics={f"accuracy of {way}": accuracy(way) for way in LEARNT + NEVER_LEARNT},
    )


def _fit(X: Images, y: Images, c: float) -> tuple[Any, Score]:
    classifier = make_pipeline(MinMaxScaler(), LogisticRegression(C=c, solver="newton-cholesky"))
    return classifier.fit(X, y), classifier.predict_proba


def _network(X: Images, y: Images, epochs: int) -> tuple[Any, Score]:
    """`--with torch`: two convolutions; it answers probabilities. One thread: always the same."""
    import torch
    from torch import nn

    torch.manual_seed(7)
    torch.set_num_threads(1)
    network = nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)), nn.BatchNorm2d(1),
        nn.Conv2d(1, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
        nn.Conv2d(24, 48, 3, padding=1), nn.BatchNorm2d(48), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Dropout(0.3), nn.Linear(48 * 16, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip
    rows, truth = torch.from_numpy(X), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=1e-2)
    for _ in range(epochs):
        for some in torch.randperm(len(rows)).split(64):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(rows[some]), truth[some]).backward()
            optimizer.step()
    whole = nn.Sequential(network, nn.Softmax(dim=1)).eval()

    def score(rows: Images) -> Images:
        with torch.no_grad():
            return np.asarray(whole(torch.from_numpy(rows)))

    return whole, score


def as_file(ink: Images, way: str) -> bytes:
    """One image as somebody might send it: dark on white, `size` pixels, and a margin around."""
    kind, size, *smooth = way.split()
    grey = Image.fromarray(np.round(255 - ink * 255 / INK).astype(np.uint8))
    method = Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST
    margin = int(size) // 4
    paper = Image.new("L", (int(size) + 2 * margin,) * 2, 255)
    paper.paste(grey.resize((int(size),) * 2, method), (margin, margin))
    file = BytesIO()
    paper.save(file, kind)
    return file.getvalue()
