"""
What a script returned, as a source that can be asked and converted, and its rows as they are kept.

Three shapes of rows: a table or tensor as one array, a data frame with text in it as a column each,
and texts for a tokenizer. Which library the model is of is told by its class, so that a framework
is imported only where it is in use.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from models.preparation.config import ModelConfig
from models.preparation.convert import LABEL, PREDICTION, PROBABILITIES
from models.preparation.kept import Kept, Rows, columns_of
from models.preparation.sources.options import Options
from models.preparation.sources.source import Source, Values
from models.preparation.steps.pipeline import INPUT, Answers
from models.preparation.trained import Trained
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

TORCH = "torch.nn.modules.module"
TABLE = 2  # axes: rows and columns
EXAMPLES = 2  # rows that a network is exported with: more than one, so that the batch stays open


def is_frame(rows: object) -> bool:
    """Whether rows are a data frame of pandas, which is not imported for that."""
    return type(rows).__module__.partition(".")[0] == "pandas" and hasattr(rows, "columns")


def is_network(estimator: object) -> bool:
    """Whether it is a module of PyTorch."""
    return any(kind.__module__ == TORCH for kind in type(estimator).__mro__)


def source_of(config: ModelConfig, trained: Trained) -> Source:
    """What was trained; its own inputs are what the declared steps make of a client's."""
    if is_network(trained.estimator):
        return _network(config, trained)
    from models.preparation.sources.estimators import EstimatorSource

    told = getattr(trained.estimator, "n_features_in_", None)
    columns = told if told is not None else _columns(config, trained)
    return EstimatorSource(trained.estimator, columns=columns, task=config.model.task)


def answered(config: ModelConfig, source: Source, rows: Any) -> Answers:
    """What a client gets of held-out rows, steps included."""
    if is_frame(rows):
        told = source.answer(feeds_of(rows, source))
    else:
        told = source.answer({source.facts.inputs[0].name: config.steps.before(rows)})
    return config.steps.after(as_answers(source, told))


def as_answers(source: Source, told: Values) -> Answers:
    """A source's outputs as the steps take them."""
    numbers = told.get(PROBABILITIES, told.get(PREDICTION))
    if numbers is None:
        numbers = next(array for name, array in told.items() if name != LABEL)
    return Answers(numbers, told.get(LABEL), source.facts.labels)


def feeds_of(frame: Any, source: Source) -> dict[str, Rows]:
    """A data frame by the source's inputs: one table of numbers, or a column each."""
    inputs = source.facts.inputs
    if len(inputs) == 1 and inputs[0].shape[1:] == (len(frame.columns),) and len(frame.columns) > 1:
        return {inputs[0].name: frame.to_numpy(np.float64)}
    columns = columns_of(frame)
    missing = [each.name for each in inputs if each.name not in columns]
    if missing:
        raise ConfigurationError(
            "train.py",
            f"the model takes {', '.join(map(repr, missing))}, which no column is called",
            "Give the held-out rows with the columns that it learnt.",
        )
    return {each.name: columns[each.name] for each in inputs}


def kept_rows(config: ModelConfig, trained: Trained) -> tuple[Kept, Kept]:
    """The held-out rows and those that were learnt."""
    parts = (
        (trained.X_held_out, trained.y_held_out),
        (trained.X_train, trained.y_train),
    )
    if not is_frame(trained.X_train):
        held_out, learnt = (Kept(X, y) for X, y in parts)
        return held_out, learnt
    source = source_of(config, trained)
    held_out, learnt = (Kept(_whole(feeds_of(X, source)), np.asarray(y)) for X, y in parts)
    return held_out, learnt


def _whole(feeds: dict[str, Rows]) -> Rows | dict[str, Rows]:
    """A table by itself, where there is only that."""
    table = next(iter(feeds.values()))
    return table if len(feeds) == 1 and table.shape[1] > 1 else feeds


def _columns(config: ModelConfig, trained: Trained) -> int:
    rows: Any = trained.X_held_out
    return len(rows.columns) if is_frame(rows) else int(config.steps.before(rows[:1]).shape[1])


def _network(config: ModelConfig, trained: Trained) -> Source:
    from models.preparation.sources.torch_files import TorchSource

    example = example_of(config, trained.X_held_out)
    return TorchSource(trained.estimator, example, options_of(config, example))


def options_of(config: ModelConfig, example: Rows) -> Options:
    """What a network that train.py returned is told: one table is called as every table is."""
    source = config.source
    options = (
        Options(task=config.model.task) if source is None else source.options(config.model.task)
    )
    if options.inputs or example.ndim != TABLE:
        return options
    return replace(options, inputs=(TensorSpec(INPUT, "FP32", (-1, example.shape[1])),))


def example_of(config: ModelConfig, rows: Rows) -> Rows:
    """A few rows as a network takes them."""
    return config.steps.before(rows[:EXAMPLES])
