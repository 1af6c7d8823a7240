"""The names of a graph's inputs and outputs: ours, whatever its converter called them."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry.errors import ConfigurationError


def rename(graph: Any, inputs: Mapping[str, str], outputs: Sequence[str]) -> None:
    """
    `inputs` are new names by old ones; one that it lacks is dropped, as no step uses it. `outputs`
    are the first ones' names, and the only ones that stay.

    Raise ConfigurationError if a column is called as an output is.
    """
    taken = set(inputs.values()) & set(outputs)
    if taken:
        raise ConfigurationError(
            "the model's columns",
            f"one is called {min(taken)!r}, as an output is",
            "Train it with another name for that column.",
        )
    if len(graph.output) < len(outputs):
        told = f"it answers {len(graph.output)} outputs, and not {' and '.join(outputs)}"
        raise ConfigurationError("the model", told, "Choose another estimator.")
    del graph.output[len(outputs) :]
    for each in [each for each in graph.input if each.name not in inputs]:
        graph.input.remove(each)
    swap = {old.name: new for old, new in zip(graph.output, outputs, strict=True)} | dict(inputs)
    # What the converter called so itself stands aside.
    aside = {new: f"{new}_inside" for new in swap.values() if new not in swap}
    _swap(graph, aside | swap)


def _swap(graph: Any, names: Mapping[str, str]) -> None:
    for value in [*graph.input, *graph.output, *graph.initializer]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        node.input[:] = [names.get(each, each) for each in node.input]
        node.output[:] = [names.get(each, each) for each in node.output]
