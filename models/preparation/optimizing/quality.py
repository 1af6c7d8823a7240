"""
How well a candidate answers on the held-out rows: against what is true, and against fp32.

Without the truth there is no metric, and agreement with fp32 stands in. An output of fractions is
compared by its error, all else by being equal.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.preparation.agreement import row_errors
from models.preparation.convert import LABEL, PREDICTION
from models.preparation.optimizing.measured import Quality
from models.preparation.optimizing.settled import Answers
from models.preparation.optimizing.subject import Subject

Rows = NDArray[Any]


def errors_of(wanted: Answers, found: Answers) -> Rows:
    """Of each row, the largest error of its fractions: absolute up to 1, in proportion above."""
    errors = [
        row_errors(tensor, found[name]) for name, tensor in wanted.items() if _is_fraction(tensor)
    ]
    rows = len(next(iter(wanted.values())))
    return np.max(errors, axis=0) if errors else np.zeros(rows)


def quality_of(subject: Subject, wanted: Answers, found: Answers) -> Quality:
    """`wanted` is what fp32 answers."""
    metrics, was = _metrics(subject, found), _metrics(subject, wanted)
    first = next(iter(metrics), None)
    errors = errors_of(wanted, found)
    return Quality(
        rows=len(errors),
        metrics=metrics,
        drop=None if first is None else was[first] - metrics[first],
        p_worse=None if first is None else p_worse(subject, wanted, found),
        agreement=min(_agreement(tensor, found[name], wanted) for name, tensor in wanted.items()),
        max_error=float(np.max(errors)) if len(errors) else 0.0,
    )


def _metrics(subject: Subject, told: Answers) -> dict[str, float]:
    if subject.truth is None or subject.task == "other":
        return {}
    if subject.task == "classification":
        return {"accuracy": float(np.mean(_is_right(subject.truth, told)))}
    from sklearn.metrics import mean_absolute_error, r2_score

    wanted, numbers = _numbers(subject.truth, told)
    return {
        "r2": float(r2_score(wanted, numbers)),
        "mean_absolute_error": float(mean_absolute_error(wanted, numbers)),
    }


def p_worse(subject: Subject, wanted: Answers, found: Answers) -> float:
    """
    How likely `found` is to do so badly by chance, if it is no worse than `wanted`.

    One-sided: a sign test of the rows on which only one is right, or a paired t-test of errors.
    """
    from scipy.stats import binomtest, ttest_rel

    truth = np.asarray(subject.truth)
    if subject.task == "classification":
        was, now = _is_right(truth, wanted), _is_right(truth, found)
        lost, won = int(np.sum(was & ~now)), int(np.sum(now & ~was))
        return float(binomtest(lost, lost + won, alternative="greater").pvalue) if lost else 1.0
    was, now = (_squares(*_numbers(truth, told)) for told in (wanted, found))
    if np.array_equal(was, now):
        return 1.0
    return float(ttest_rel(now, was, alternative="greater").pvalue)


def _agreement(wanted: Rows, found: Rows, all_wanted: Answers) -> float:
    """Labels settle it where there are any; else numbers, by the share of variance explained."""
    if not _is_fraction(wanted):
        return float(np.mean(_words(wanted) == _words(found)))
    if LABEL in all_wanted:
        return 1.0
    exact = np.asarray(wanted, np.float64).reshape(len(wanted), -1)
    away = np.sum((exact - found.reshape(exact.shape)) ** 2)
    spread = np.sum((exact - exact.mean(axis=0)) ** 2)
    return float(1 - away / spread) if spread else float(away == 0)


def _is_right(truth: Rows, told: Answers) -> Rows:
    return np.asarray(_words(told[LABEL]) == _words(truth))


def _numbers(truth: Rows, told: Answers) -> tuple[Rows, Rows]:
    shape = (len(truth), -1)
    return np.asarray(truth, np.float64).reshape(shape), told[PREDICTION].reshape(shape)


def _squares(wanted: Rows, numbers: Rows) -> Rows:
    return np.asarray(((wanted - numbers) ** 2).mean(axis=1))


def _words(values: Rows) -> Rows:
    """Text as text, whichever kind of array it comes in."""
    return np.asarray(values.tolist())


def _is_fraction(tensor: Rows) -> bool:
    return tensor.dtype.kind == "f"
