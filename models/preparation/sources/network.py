"""
What all networks share: a graph that their framework exported, and a way to ask the framework.

The graph gets plain names, an open batch and the answers that every model has; the framework's own
answers get the same. It refuses what cannot be asked with any number of rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.preparation.parity.train_only import find
from models.preparation.sources.answers import Meaning
from models.preparation.sources.batch import check_rows, fixed_rows, infer_shapes, open_batch
from models.preparation.sources.graphs import (
    OPEN,
    names_in,
    rename,
    set_values,
    spec,
    stripped,
)
from models.preparation.sources.meaning import family_of, meaning_of
from models.preparation.sources.names import RESERVED, plain_names
from models.preparation.sources.options import Options
from models.preparation.sources.running import Array, Ask, in_parts
from models.preparation.sources.source import Facts, Values
from models.preparation.steps.nodes import Nodes
from wherry.errors import ConfigurationError
from wherry.manifest import TensorSpec


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a kind says of its network; `how` is how to export it with an open batch."""

    estimator: str
    how: str
    libraries: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class Network:
    """`exported` is a ModelProto of the house's versions; `ask` is the framework."""

    def __init__(self, exported: Any, ask: Ask, options: Options, told: Told) -> None:
        model = type(exported)()
        model.CopyFrom(exported)
        raw = [spec(each) for each in model.graph.input]
        rows = fixed_rows(raw)
        if rows is not None:
            open_batch(model, ask, rows, told.how)
        elif _has_no_shapes(model):
            infer_shapes(model)
        inputs = _inputs(raw, options)
        self._ask = in_parts(ask, inputs, rows)
        check_rows(self._ask, inputs, [each.name for each in model.graph.output])
        meaning = meaning_of(model, options)
        left = find(model.SerializeToString())
        self._model = _finished(model, inputs, meaning)
        self._meaning = meaning
        self._facts = Facts(
            estimator=told.estimator,
            task=meaning.task,
            family=family_of(model),
            inputs=inputs,
            outputs=meaning.outputs,
            labels=meaning.labels,
            libraries=told.libraries,
            notes=(*told.notes, *_train_only(left)),
        )

    @property
    def facts(self) -> Facts:
        """See Source."""
        return self._facts

    def convert(self) -> bytes:
        """See Source."""
        data: bytes = self._model.SerializeToString(deterministic=True)
        return data

    def answer(self, feeds: Values) -> dict[str, Array]:
        """See Source."""
        return self._meaning.apply(self._ask([feeds[each.name] for each in self._facts.inputs]))


def _train_only(nodes: Sequence[str]) -> tuple[str, ...]:
    if not nodes:
        return ()
    return (f"It was exported with what only training needs, or with chance: {', '.join(nodes)}.",)


def _has_no_shapes(model: Any) -> bool:
    return any(
        each.type.HasField("tensor_type") and not each.type.tensor_type.HasField("shape")
        for each in model.graph.output
    )


def _inputs(raw: Sequence[TensorSpec], options: Options) -> tuple[TensorSpec, ...]:
    """Plain names, or those that are declared: in order, of the same datatype and size."""
    opened = [(each.datatype, (OPEN, *each.shape[1:])) for each in raw]
    if not options.inputs:
        names = plain_names([each.name for each in raw], avoid=RESERVED)
        return tuple(TensorSpec(name, *each) for name, each in zip(names, opened, strict=True))
    declared = [(each.datatype, each.shape) for each in options.inputs]
    if len(declared) != len(opened) or not all(map(_fits, declared, opened)):
        raise ConfigurationError(
            "inputs",
            f"{_told(options.inputs)} are declared, and the network takes {_told(raw)}",
            "Declare those of the network, in order.",
        )
    return tuple(
        TensorSpec(each.name, *own) for each, own in zip(options.inputs, opened, strict=True)
    )


def _fits(declared: tuple[str, tuple[int, ...]], own: tuple[str, tuple[int, ...]]) -> bool:
    sizes = zip(declared[1], own[1], strict=False)
    return (
        declared[0] == own[0]
        and len(declared[1]) == len(own[1])
        and all(OPEN in (one, other) or one == other for one, other in sizes)
    )


def _told(tensors: Sequence[TensorSpec]) -> str:
    return ", ".join(f"{each.name} {each.datatype} {list(each.shape)}" for each in tensors)


def _finished(model: Any, inputs: Sequence[TensorSpec], meaning: Meaning) -> Any:
    """The graph with the names of the facts, and nothing that differs from run to run."""
    import onnx

    graph = model.graph
    names = {each.name: tensor.name for each, tensor in zip(graph.input, inputs, strict=True)}
    raw = {each.name: f"raw_{number}" for number, each in enumerate(graph.output)}
    fixed = {name: new for name, new in raw.items() if name not in names}
    outputs = [names.get(each.name, fixed.get(each.name, each.name)) for each in graph.output]
    rename(graph, {**names, **fixed})
    _clear(graph, meaning, outputs)
    nodes = Nodes("answers")
    made = meaning.build(nodes, outputs)
    for each in meaning.outputs:
        nodes.name("Identity", made[each.name], output=each.name)
    graph.node.extend(nodes.nodes)
    graph.initializer.extend(nodes.initializers)
    set_values(graph.input, inputs)
    set_values(graph.output, meaning.outputs)
    stripped(model)
    onnx.checker.check_model(model, full_check=True)
    return model


def _clear(graph: Any, meaning: Meaning, outputs: Sequence[str]) -> None:
    """No value inside may have the name of an answer, or of a step that makes one."""
    wanted = {each.name for each in meaning.outputs}
    taken = names_in(graph) - set(outputs)
    inner = {
        name: f"inner_{name}"
        for name in sorted(taken)
        if name in wanted or name.startswith("answers_")
    }
    rename(graph, inner)
