"""Why a model is refused, and what to do: by the set of rows that it went wrong on."""

from models.preparation.parity.certificate import Certificate, SetTold, WorstRow
from models.preparation.parity.gates import Gates
from models.preparation.parity.rows import (
    EXTREMES,
    HELD_OUT,
    KNOWN,
    MIXED,
    NAN,
    NEIGHBOURS,
    THRESHOLDS,
    UNSEEN,
    ZEROS,
)
from wherry.errors import ParityError

SHOWN = 200  # characters of values in a message
PLAIN = (
    "Train on float32 rows, choose another estimator, or, if such an error does no harm, raise "
    "[prepare] tolerance."
)
TODO = {
    HELD_OUT: PLAIN,
    MIXED: PLAIN,
    KNOWN: PLAIN,
    NEIGHBOURS: "Choose an estimator that does not pick nearest rows: who is nearest hangs on the "
    "last digit.",
    THRESHOLDS: "Train on rows rounded to float32 (X.astype(numpy.float32)), or choose another "
    "estimator.",
    NAN: "Fill in missing values before the model (a declared impute step, or an imputer in the "
    "pipeline), or choose another estimator.",
    UNSEEN: 'Let the encoder refuse or ignore unknown text (handle_unknown="ignore"), and train '
    "again.",
    ZEROS: "Scale the columns before the model, or choose another estimator.",
    EXTREMES: "Train on rows rounded to float32, or limit the columns before the model.",
}
ORDER = [HELD_OUT, KNOWN, UNSEEN, NAN, THRESHOLDS, NEIGHBOURS, MIXED, ZEROS, EXTREMES]  # of telling
ROUNDED = "The trained model's own answers change when its rows are rounded to float32. "
SCALED = (
    "Scale the columns (StandardScaler) and train on float32 rows, or choose another estimator."
)


def refusal(told: Certificate) -> ParityError:
    """Of a certificate that is not passed."""
    wrong = [row for row in told.worst if row.flipped or row.over]
    by_metric = told.gates["kind"] == "metric"
    if not told.batches.within(Gates(**told.gates)) and (by_metric or not wrong):
        return _batches(told)
    if by_metric:
        return _metric(told)
    wrong = wrong or list(told.worst)
    worst = min(wrong, key=lambda row: ORDER.index(row.set))
    (mine,) = [each for each in told.sets if each.name == worst.set][:1]
    return ParityError(_where(worst), _what(worst, mine, told), _todo(worst, told))


def _where(worst: WorstRow) -> str:
    return f"{worst.set} row {worst.row}, {_short(worst.inputs)}"


def _what(worst: WorstRow, mine: SetTold, told: Certificate) -> str:
    atol, rtol = told.gates["atol"], told.gates["rtol"]
    allowed = f"{atol:g}" + (f" and {rtol:g} of the number" if rtol else "")
    labels = f"{mine.label_agreement:.2%} of {mine.rows:,} labels agree, and "
    return (
        f"the trained model answers {_short(worst.trained)}, the converted one "
        f"{_short(worst.converted)}; {labels if told.task == 'classification' else ''}"
        f"{mine.rows_over_tolerance:,} of {mine.rows:,} rows are over the tolerance of {allowed} "
        f"(largest error {mine.max_absolute_error:.3g})"
    )


def _todo(worst: WorstRow, told: Certificate) -> str:
    if worst.set in (HELD_OUT, MIXED) and (
        told.float64.flips or told.float64.max_absolute_error > told.gates["atol"]
    ):
        return ROUNDED + SCALED
    return TODO[worst.set]


def _batches(told: Certificate) -> ParityError:
    found = told.batches
    what = (
        f"{found.wrong} of {found.rows} rows are answered otherwise alone than together"
        if found.wrong
        else "a batch of no rows gets an answer of another shape"
    )
    return ParityError(
        "batches", what, "Export the model with an open first axis, and each row on its own."
    )


def _metric(told: Certificate) -> ParityError:
    agreed = told.held_out.label_agreement if told.held_out else 0.0
    what = f"{agreed:.2%} of the labels agree, {told.gates['label_agreement']:.2%} must"
    if told.metric:
        drop, most = told.metric.drop, told.gates["metric_drop"]
        what += f"; {told.metric.name} drops by {drop:.4g}, and may by {most:g}"
    return ParityError("held-out rows", what, "Keep the model as it was converted.")


def _short(values: object) -> str:
    told = str(values)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}…"
