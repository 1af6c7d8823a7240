"""
Which meaning the outputs of a graph have: as declared, as its last steps tell, or not known.

What the file tells and what is declared may not differ. Where neither tells, it is refused with
what to write; a wrong guess would be served.
"""

from dataclasses import replace
from typing import Any

from models.preparation.sources.answers import (
    AsTheyAre,
    Columns,
    Labelled,
    Meaning,
    Numbers,
    OneColumn,
)
from models.preparation.sources.graphs import (
    OPEN,
    attributes,
    every_node,
    producers,
    spec,
    value_of,
)
from models.preparation.sources.names import plain_names
from models.preparation.sources.options import Options
from models.preparation.sources.source import Family, Task
from models.preparation.steps.answers import Labels
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec

FLOATS = {"FP16", "FP32", "FP64", "BF16"}
WHOLE = {"INT32", "INT64"}
WHERE = "the network's outputs"
PASSING = {"Identity", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Clip"}
LINEAR = {"Gemm", "MatMul", "Add", "Sub", "Conv", "LinearRegressor"}
NUMBERS = {"TreeEnsembleRegressor", "LinearRegressor", "SVMRegressor"}
SHARES = {"Softmax", "LogSoftmax"}
PAIR = 2


def meaning_of(model: Any, options: Options) -> Meaning:
    """Raise ConfigurationError if it cannot be told, or is not what is declared."""
    pair = _pair(model, options) if options.task in (None, "classification") else None
    if pair is not None:
        return pair
    outputs = tuple(spec(each) for each in model.graph.output)
    task = options.task or _guessed(model, outputs, options)
    if task == "other":
        names = plain_names([each.name for each in outputs])
        _check_rows(outputs)
        return AsTheyAre(
            tuple(
                TensorSpec(name, each.datatype, (OPEN, *each.shape[1:]))
                for name, each in zip(names, outputs, strict=True)
            )
        )
    width = _width(outputs, task)
    return Numbers(width) if task == "regression" else _columns(model, outputs[0], width, options)


def family_of(model: Any) -> Family:
    """By the operators: what decides the gates of parity."""
    operators = {node.op_type for node in every_node(model.graph)}
    if any(each.startswith("TreeEnsemble") for each in operators):
        return "trees"
    return "linear" if operators & {"LinearClassifier", "LinearRegressor"} else "network"


def without_maps(model: Any, options: Options) -> Options:
    """A ZipMap makes mappings of rows: the rows are the answer, and the keys its labels."""
    made = producers(model.graph)
    for output in model.graph.output:
        node = made.get(output.name)
        if node is not None and node.op_type == "ZipMap":
            labels = _same_labels(_kept(model, node) or [], options)
            model.graph.node.remove(node)
            output.CopyFrom(value_of(TensorSpec(node.input[0], "FP32", (OPEN, len(labels)))))
            return replace(options, labels=tuple(labels))
    return options


def _columns(model: Any, output: TensorSpec, width: int, options: Options) -> Meaning:
    labels: Labels = list(options.labels or range(max(width, PAIR)))
    if len(labels) != max(width, PAIR):
        raise ConfigurationError(
            "labels",
            f"{len(labels)} are declared, and the network tells {max(width, PAIR)} apart",
            "Declare one for each column, in order.",
        )
    if width > 1:
        return Columns(labels)
    last = _last(model, output.name)
    if last != "Sigmoid" and last not in LINEAR:
        raise ConfigurationError(
            WHERE,
            f"one column, made by {last or 'no step'}, may be a probability or not",
            "End the network with a sigmoid, or with a column for each label.",
        )
    return OneColumn(labels, logit=last != "Sigmoid")


def _width(outputs: tuple[TensorSpec, ...], task: Task) -> int:
    """How many numbers a row of the one output has."""
    if len(outputs) != 1 or outputs[0].datatype not in FLOATS:
        told = ", ".join(f"{each.name} {each.datatype} {list(each.shape)}" for each in outputs)
        raise ConfigurationError(
            WHERE, f"a {task} has one output of numbers; it has {told}", 'Declare the task "other".'
        )
    shape = outputs[0].shape
    if len(shape) > PAIR or OPEN in shape[1:] or not shape:
        raise ConfigurationError(
            WHERE,
            f"{outputs[0].name} is {list(shape)}; a {task} has rows of so many numbers",
            'Declare the task "other".',
        )
    return shape[1] if shape[1:] else 1


def _guessed(model: Any, outputs: tuple[TensorSpec, ...], options: Options) -> Task:
    if len(outputs) > 1:
        return "other"
    last, one = _last(model, outputs[0].name), outputs[0].shape[1:] in ((), (1,))
    if options.labels or last in SHARES or (last == "Sigmoid" and one):
        return "classification"
    if last in NUMBERS:
        return "regression"
    raise ConfigurationError(
        WHERE,
        f"nothing tells what {outputs[0].name} {list(outputs[0].shape)} means",
        'Declare the task: "classification", "regression" or "other".',
    )


def _last(model: Any, name: str) -> str:
    """The operator that made the numbers: steps that only carry them are passed over."""
    made = producers(model.graph)
    while name in made and made[name].op_type in PASSING:
        name = made[name].input[0]
    return str(made[name].op_type) if name in made else ""


def _check_rows(outputs: tuple[TensorSpec, ...]) -> None:
    for each in outputs:
        if not each.shape:
            raise ConfigurationError(
                WHERE, f"{each.name} is one value, whatever the rows", "Export it without this one."
            )


def _pair(model: Any, options: Options) -> Labelled | None:
    """A label and numbers beside each other, as converters of classifiers write them."""
    kinds = [_kind(each) for each in model.graph.output]
    if sorted(kinds) != ["label", "numbers"]:
        return None
    label, numbers = kinds.index("label"), kinds.index("numbers")
    found = _labels(model, label, numbers)
    if found is None and options.labels is None:
        if options.task is None:
            return None
        raise ConfigurationError(
            WHERE, "it tells no labels in their order", "Declare them, one for each column."
        )
    return Labelled(_same_labels(found or list(options.labels or ()), options), label, numbers)


def _same_labels(found: Labels, options: Options) -> Labels:
    if options.labels is not None and list(options.labels) != found:
        raise ConfigurationError(
            "labels",
            f"{list(options.labels)} are declared, and the file says {found}",
            "Declare those of the file, or none.",
        )
    return found


def _kind(output: Any) -> str:
    if output.type.WhichOneof("value") == "sequence_type":
        return "numbers"
    tensor = spec(output)
    if tensor.datatype in WHOLE | {"BYTES"} and tensor.shape in ((OPEN,), (OPEN, 1)):
        return "label"
    return "numbers" if tensor.datatype in FLOATS and len(tensor.shape) == PAIR else "other"


def _labels(model: Any, label: int, numbers: int) -> Labels | None:
    """In the order of the columns, as the graph keeps them."""
    outputs, made = model.graph.output, producers(model.graph)
    for start in (numbers, label):
        name = outputs[start].name
        while name in made:
            node = made[name]
            if (told := _kept(model, node)) is not None:
                return told
            if node.op_type not in PASSING:
                break
            name = node.input[0]
    return None


def _kept(model: Any, node: Any) -> Labels | None:
    from onnx import numpy_helper

    if node.op_type in {"ArrayFeatureExtractor", "Gather"}:
        tables = [each for each in model.graph.initializer if each.name == node.input[0]]
        values = [] if not tables else numpy_helper.to_array(tables[0]).reshape(-1).tolist()
    else:
        told = attributes(node)
        names = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")
        values = next((told[name] for name in names if told.get(name)), [])
    decoded = [each.decode() if isinstance(each, bytes) else each for each in values]
    return decoded if decoded and all(isinstance(each, str | int) for each in decoded) else None
