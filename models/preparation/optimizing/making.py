"""One variant of a model, made again to the byte: nothing is timed or judged."""

from collections.abc import Sequence

from models.preparation.optimizing.candidates.graphs import GRAPH
from models.preparation.optimizing.catalogue import VARIANTS
from models.preparation.optimizing.measured import BASE
from models.preparation.optimizing.settled import Answers, settled
from models.preparation.optimizing.subject import NO_ROWS, Made, Retrain
from models.preparation.optimizing.variant import hushed, read
from models.preparation.sources.source import Values
from wherry.errors import ConfigurationError, WherryError

WHERE = "[optimize] use"


def apply(variant: str, model: bytes, calibration: Values, retrain: Retrain | None = None) -> bytes:
    """
    The variant of an fp32 model; raise ConfigurationError, with why, where it makes no sense.

    `calibration` are rows that were learnt. What is retrained needs `retrain`.
    """
    if variant == BASE:
        return model
    if variant not in VARIANTS:
        return _learnt(variant, retrain)
    one = VARIANTS[variant]
    reason = one.applies(read(model))
    if reason is None and one.needs_rows and not calibration:
        reason = "there are no learnt rows to find the ranges from"
    if reason is not None:
        raise _refusal(variant, reason)
    try:
        with hushed():
            return one.make(model, calibration)
    except WherryError:
        raise
    except Exception as error:
        why = f"{type(error).__name__}: {error}".partition("\n")[0].rstrip(".")
        raise _refusal(variant, f"the tool fails on this model ({why})") from error


def made(
    variant: str,
    model: bytes,
    rows: Values,
    calibration: Values,
    retrain: Retrain | None = None,
) -> tuple[Made, Answers]:
    """
    As it is sealed, and what it answers to `rows`: its graph saved where that loses nothing there.

    Raise WherryError, with the reason, where it cannot be.
    """
    plain = apply(variant, model, calibration, retrain)
    one, answers = settled(plain, rows, save=variant != BASE)
    if variant == GRAPH and not one.optimized:
        raise _refusal(variant, "saved, it would lose what ONNX Runtime does for the processor")
    return one, answers


def known(retrain: Retrain | None) -> Sequence[str]:
    """The names of all variants, the simplest first."""
    return [*VARIANTS, *(retrain.offers if retrain else ())]


def _learnt(variant: str, retrain: Retrain | None) -> bytes:
    if retrain is not None and variant in retrain.offers:
        return retrain.learn(variant)
    reason = "there is no such variant" + (f", or {NO_ROWS}" if retrain is None else "")
    raise ConfigurationError(
        WHERE, f"{variant!r}: {reason}", f"Write {BASE} or one of {known(retrain)}."
    )


def _refusal(variant: str, reason: str) -> ConfigurationError:
    return ConfigurationError(f"{WHERE} = {variant!r}", reason, "Choose another, or none.")
