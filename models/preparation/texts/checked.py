"""Whether a script of a model of text returned texts, and an estimator that takes their tokens."""

from dataclasses import replace
from typing import Any

import numpy as np

from models.preparation.config import ModelConfig
from models.preparation.fitness import check_fits, check_scores
from models.preparation.texts.bag import Bag
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError, WherryError


def checked_text(config: ModelConfig, trained: Trained, tokenizer: str) -> Trained:
    """`trained` with its held-out texts counted, for whoever measures how good it is."""
    where = str(config.path.with_name("train.py"))
    if config.steps or config.features:
        raise ConfigurationError(
            str(config.path), "it describes columns, and the rows are texts", "Describe none."
        )
    for part in ("train", "held_out"):
        _check_texts(where, part, getattr(trained, f"X_{part}"), getattr(trained, f"y_{part}"))
    try:
        counts = Bag(tokenizer).counts(trained.X_held_out.tolist()).toarray()
    except (WherryError, ValueError, KeyError) as error:
        raise ConfigurationError(
            where, f"the tokenizer does not take the held-out texts ({error})", "Mend it."
        ) from error
    check_fits(config, trained.estimator, counts)
    if config.model.task == "classification":
        check_scores(config, trained.estimator, "predict_proba")
    return replace(trained, X_held_out=counts)


def _check_texts(where: str, part: str, texts: Any, y: Any) -> None:
    told = isinstance(texts, np.ndarray) and texts.ndim == 1 and texts.size
    if not told or not all(isinstance(each, str) for each in texts.tolist()):
        raise ConfigurationError(
            where, f"X_{part} is no list of texts", "Give a NumPy array of texts, one a row."
        )
    if not isinstance(y, np.ndarray) or y.shape[:1] != texts.shape:
        raise ConfigurationError(
            where, f"y_{part} is not one answer a text", "Give one answer a row, as a NumPy array."
        )
