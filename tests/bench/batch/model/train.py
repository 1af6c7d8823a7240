"""Whether somebody buys, from thirty numbers that hang together; made up."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from models.preparation import Trained

COLUMNS, FACTORS = 30, 8
LEARNT, HELD_OUT = 15_000, 5_000
NOISE = 0.4


def train(
    *, estimator: Literal["forest", "lightgbm", "network"] = "forest", seed: int = 7
) -> Trained:
    """As many rows as take seconds to learn; `estimator` is what learns them."""
    rows, bought = invented(LEARNT + HELD_OUT, np.random.default_rng(seed))
    return Trained(
        estimator=_estimator(estimator, seed).fit(rows[:LEARNT], bought[:LEARNT]),
        X_train=rows[:LEARNT],
        y_train=bought[:LEARNT],
        X_held_out=rows[LEARNT:],
        y_held_out=bought[LEARNT:],
    )


def invented(
    rows: int, random: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A few factors stand behind all columns, and decide, bent and with some chance."""
    law = np.random.default_rng(1)
    loads = law.standard_normal((FACTORS, COLUMNS), np.float32)
    weights = law.standard_normal(FACTORS, np.float32)
    factors = random.standard_normal((rows, FACTORS), np.float32)
    columns = factors @ loads + NOISE * random.standard_normal((rows, COLUMNS), np.float32)
    pull = factors @ weights + factors[:, 0] * factors[:, 1] + np.abs(factors[:, 2])
    chance = random.standard_normal(rows, np.float32)
    return columns, (pull + NOISE * chance > np.float32(0.8)).astype(np.int64)


def _estimator(name: str, seed: int) -> Any:
    if name == "forest":
        return RandomForestClassifier(100, random_state=seed, n_jobs=-1)
    if name == "lightgbm":
        return _boosted(seed)
    network = MLPClassifier((64, 32), max_iter=30, early_stopping=True, random_state=seed)
    return make_pipeline(StandardScaler(), network)


def _boosted(seed: int) -> Any:
    """`--with lightgbm`: it is not among the libraries of the command."""
    from lightgbm import LGBMClassifier

    return LGBMClassifier(n_estimators=300, num_leaves=31, random_state=seed, verbose=-1)
