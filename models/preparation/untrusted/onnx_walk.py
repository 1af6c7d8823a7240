"""Everything in a parsed model, without recursion: graphs in graphs, nodes, and every tensor."""

from collections.abc import Iterator
from typing import Any


def graphs(graph: Any) -> Iterator[tuple[Any, int]]:
    """Each graph with how deep it lies; an outer one before those in it."""
    waiting = [(graph, 0)]
    while waiting:
        here, depth = waiting.pop()
        yield here, depth
        for node in here.node:
            for each in node.attribute:
                inner = [*each.graphs, *([each.g] if each.HasField("g") else [])]
                waiting.extend((one, depth + 1) for one in inner)


def nodes(graph: Any) -> Iterator[Any]:
    """Those of this graph alone."""
    yield from graph.node


def tensors(graph: Any) -> Iterator[Any]:
    """Initializers and attributes of this graph alone, sparse ones by their parts."""
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for each in node.attribute:
            yield from (*each.tensors, *([each.t] if each.HasField("t") else []))
            held = [*each.sparse_tensors]
            held += [each.sparse_tensor] if each.HasField("sparse_tensor") else []
            for sparse in held:
                yield from (sparse.values, sparse.indices)
