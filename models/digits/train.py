"""Which digit an image of handwriting shows (UCI's optical digits; scikit-learn's copy)."""

from io import BytesIO
from typing import Any

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
INK = 16  # the most that the data counts in a pixel
LEARNT = ("PNG 8", "PNG 64 smooth")
NEVER_LEARNT = ("PNG 200", "JPEG 64", "JPEG 200 smooth")


def train(*, c: float = 10.0, seed: int = 7) -> Trained:
    """Learn from three quarters of the images, as files; `c` says how closely it fits them."""
    steps = steps_of(__file__)
    ink, y = load_digits(return_X_y=True)
    train, held_out, y_train, y_held_out = train_test_split(
        ink.reshape(-1, 8, 8), y, test_size=0.25, stratify=y, random_state=seed
    )

    def sent(images: Images, way: str) -> Images:
        return steps.read(as_file(image, way) for image in images)

    X_train = np.concatenate([sent(train, way) for way in LEARNT])
    classifier = make_pipeline(MinMaxScaler(), LogisticRegression(C=c, solver="newton-cholesky"))
    classifier.fit(steps.before(X_train), np.tile(y_train, len(LEARNT)))
    return Trained(
        estimator=classifier,
        X_train=X_train,
        y_train=np.tile(y_train, len(LEARNT)),
        X_held_out=np.concatenate([sent(held_out, way) for way in LEARNT]),
        y_held_out=np.tile(y_held_out, len(LEARNT)),
        metrics={
            f"accuracy of {way}": classifier.score(steps.before(sent(held_out, way)), y_held_out)
            for way in LEARNT + NEVER_LEARNT
        },
    )


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
