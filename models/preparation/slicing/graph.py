"""
Cuts an ONNX graph at tensors, into a head that computes them and a tail that goes on from them.

Both parts hold the nodes of the whole as they are, in their order, and the weights that they need.
A cut is clean if nothing else that depends on what was sent crosses it; any other one is refused,
with what crosses. What is constant may be on both sides.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from wherry.errors import UsageError
from wherry.manifest import TensorSpec
from wherry.ort import onnxruntime
from wherry.protocol.datatypes import FROM_ONNX
from wherry.protocol.signature import VARIABLE


class Parts(NamedTuple):
    """Two models, and the tensors between them."""

    head: bytes
    tail: bytes
    between: tuple[TensorSpec, ...]


def cut(model: bytes, at: Sequence[str]) -> Parts:
    """Raise UsageError unless the whole can be cut at these tensors."""
    return _Graph(model).cut(tuple(dict.fromkeys(at)))


def clean_cuts(model: bytes) -> tuple[str, ...]:
    """The tensors at each of which alone the whole can be cut, in their order."""
    return _Graph(model).clean()


class _Graph:
    def __init__(self, model: bytes) -> None:
        import onnx

        self._model = onnx.load_from_string(model)
        graph = self._model.graph
        self._weights = {each.name: each for each in graph.initializer}
        self._inputs = [each for each in graph.input if each.name not in self._weights]
        self._outputs = [each.name for each in graph.output]
        self._maker = {name: node for node in graph.node for name in node.output if name}
        self._open = self._depending()

    def cut(self, at: tuple[str, ...]) -> Parts:
        self._check_between(at)
        head = self._needed(at, stop=())
        made = {name for node in head for name in node.output} & self._open
        tail = self._needed(self._outputs, stop={*at, *made})
        taken = {name for node in tail for name in takes(node)} | set(self._outputs)
        given = {each.name for each in self._inputs}
        crossing = sorted((taken & (made | given)) - set(at))
        if crossing or not set(at) <= taken:
            idle = sorted(set(at) - taken)
            what = f"{', '.join(crossing)} crosses too" if crossing else f"nothing needs {idle}"
            self._refuse(at, what)
        found = self._seen(at)
        between = [_value_of(each) for each in found]
        outputs = list(self._model.graph.output)
        return Parts(
            self._part(head, self._inputs, between),
            self._part(tail, between, outputs),
            tuple(map(_spec_of, found)),
        )

    def clean(self) -> tuple[str, ...]:
        """After how many nodes, in their order, only one tensor is left to go on from."""
        last = {name: len(self._model.graph.node) for name in self._outputs}
        nodes = list(self._model.graph.node)
        for number, node in reversed(list(enumerate(nodes))):
            for name in takes(node):
                last.setdefault(name, number)
        live = {each.name for each in self._inputs}
        found: list[str] = []
        for number, node in enumerate(nodes):
            live |= set(node.output) & self._open
            live = {name for name in live if last.get(name, -1) > number}
            if len(live) == 1 and not live & {*self._outputs, *(i.name for i in self._inputs)}:
                found += live
        return tuple(dict.fromkeys(found))

    def _depending(self) -> set[str]:
        """The tensors that depend on what is sent."""
        found = {each.name for each in self._inputs}
        for node in self._model.graph.node:
            if found & set(takes(node)):
                found |= set(node.output)
        return found

    def _needed(self, names: Collection[str], stop: Collection[str]) -> list[Any]:
        """The nodes that compute `names`, in their order, without what computes `stop`."""
        todo, seen, wanted = list(names), set(stop), set()
        while todo:
            name = todo.pop()
            if name in seen or name not in self._maker:
                continue
            seen.add(name)
            node = self._maker[name]
            wanted.add(id(node))
            todo += takes(node)
        makers = {id(node): node for node in self._maker.values()}
        return [node for key, node in makers.items() if key in wanted]

    def _check_between(self, at: tuple[str, ...]) -> None:
        ends = {*self._outputs, *(each.name for each in self._inputs)}
        for name in at:
            if name in ends:
                self._refuse(at, f"{name} is an end of the whole")
            if name not in self._open:
                self._refuse(at, f"there is no tensor {name!r} that depends on an input")

    def _seen(self, names: tuple[str, ...]) -> list[Any]:
        """As ONNX Runtime sees them: it knows the operators that nobody else does."""
        import onnx

        probe = onnx.ModelProto()
        probe.CopyFrom(self._model)
        probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)
        session = onnxruntime.InferenceSession(
            probe.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        found = {each.name: each for each in session.get_outputs()}
        return [found[name] for name in names]

    def _part(self, nodes: list[Any], inputs: list[Any], outputs: list[Any]) -> bytes:
        import onnx

        taken = {name for node in nodes for name in takes(node)}
        graph = onnx.helper.make_graph(
            nodes,
            "part",
            inputs,
            outputs,
            [weights for name, weights in self._weights.items() if name in taken],
        )
        part = onnx.ModelProto()
        part.CopyFrom(self._model)
        part.graph.CopyFrom(graph)
        data: bytes = part.SerializeToString(deterministic=True)
        return data

    def _refuse(self, at: Sequence[str], what: str) -> None:
        clean = ", ".join(self.clean()) or "none"
        raise UsageError(
            f"a cut at {', '.join(at)}", what, f"Tensors that cut cleanly by themselves: {clean}."
        )


def takes(node: Any) -> list[str]:
    """What a node needs: its inputs, and what the graphs inside of it take from outside."""
    return [*filter(None, node.input), *_taken_inside(node)]


def _taken_inside(node: Any) -> Iterator[str]:
    for attribute in node.attribute:
        for graph in [attribute.g, *attribute.graphs]:
            own = {each.name for each in [*graph.input, *graph.initializer]}
            own |= {name for inner in graph.node for name in inner.output}
            for inner in graph.node:
                yield from (name for name in takes(inner) if name not in own)


def _spec_of(found: Any) -> TensorSpec:
    shape = tuple(size if isinstance(size, int) else VARIABLE for size in found.shape)
    return TensorSpec(found.name, FROM_ONNX[found.type], shape)  # type: ignore[arg-type] # one of ours


def _value_of(found: Any) -> Any:
    """Its type as ONNX has it; without a shape where ONNX Runtime knows none."""
    from onnx import TensorProto, helper

    names = {"float": "FLOAT", "double": "DOUBLE"}
    kind = found.type.removeprefix("tensor(").removesuffix(")")
    shape = [size if isinstance(size, int) else None for size in found.shape]
    element = TensorProto.DataType.Value(names.get(kind, kind.upper()))
    return helper.make_tensor_value_info(found.name, element, shape or None)
