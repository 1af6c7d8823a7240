"""Which customers of a made-up telephone company leave within a month: numbers, words, and gaps."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from models.preparation import Trained

NUMBERS = ["tenure_months", "monthly_charge", "support_calls", "data_gb"]
WORDS = ["contract", "payment", "region"]
CONTRACTS = {"monthly": 1.2, "one year": -0.4, "two years": -1.6}
PAYMENTS = {"card": -0.3, "bank transfer": -0.2, "mailed cheque": 0.5}
REGIONS = {"north": 0.0, "south": 0.1, "east": -0.1, "west": 0.2}
LEAVES = "leaves"
GAPS = {"support_calls": 0.05, "data_gb": 0.12, "payment": 0.08}


def train(*, customers: int = 6000, c: float = 1.0, seed: int = 7) -> Trained:
    """Make so many customers, and learn from three quarters; `c` says how closely to learn."""
    frame, left = invented(customers, np.random.default_rng(seed))
    X_train, X_held_out, y_train, y_held_out = train_test_split(
        frame, left, test_size=0.25, stratify=left, random_state=seed
    )
    pipeline = _pipeline(c).fit(X_train, y_train)
    score = pipeline.predict_proba(X_held_out)[:, pipeline.classes_.tolist().index(LEAVES)]
    return Trained(
        estimator=pipeline,
        X_train=X_train,
        y_train=y_train,
        X_held_out=X_held_out,
        y_held_out=y_held_out,
        metrics={"auc": roc_auc_score(y_held_out == LEAVES, score)},
    )


def invented(customers: int, random: np.random.Generator) -> tuple[pd.DataFrame, NDArray[np.str_]]:
    """Customers, and whether each `leaves` or `stays`: by a law that a logistic model can find."""
    contract, payment, region = (
        random.choice(list(words), customers) for words in (CONTRACTS, PAYMENTS, REGIONS)
    )
    tenure = random.gamma(2.0, 14.0, customers).clip(0, 120).round()
    charge = random.normal(62, 21, customers).clip(15, 160).round(2)
    calls = random.poisson(1.1, customers).astype(float)
    data = random.lognormal(2.2, 0.8, customers).round(1)
    pull = np.array(
        [CONTRACTS[one] + PAYMENTS[two] for one, two in zip(contract, payment, strict=True)]
    )
    pull += np.array([REGIONS[each] for each in region])
    pull += -0.045 * tenure + 0.018 * (charge - 62) + 0.55 * calls - 0.004 * data - 0.7
    left = np.where(random.uniform(size=customers) < 1 / (1 + np.exp(-pull)), LEAVES, "stays")
    frame = pd.DataFrame(
        {
            "tenure_months": tenure,
            "monthly_charge": charge,
            "support_calls": calls,
            "data_gb": data,
            "contract": contract,
            "payment": payment,
            "region": region,
        }
    )
    for name, share in GAPS.items():
        gone = random.uniform(size=customers) < share
        frame.loc[gone, name] = "" if name in WORDS else np.nan
    return frame, left


def _pipeline(c: float) -> Pipeline:
    columns = ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
            ("words", OneHotEncoder(handle_unknown="ignore"), WORDS),
        ]
    )
    return make_pipeline(columns, LogisticRegression(C=c, max_iter=1000))
