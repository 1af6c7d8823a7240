"""From a source, its graph and its rows to the plan of what is tried."""

from typing import Any

from models.preparation.parity.asking import inputs_of
from models.preparation.parity.ordinary import ordinary, words_of
from models.preparation.parity.rows import Plan
from models.preparation.parity.trees import trees_of
from models.preparation.sources.source import Source, Values
from models.preparation.steps.pipeline import Steps


def planned(source: Source, graph: Any, rows: Values, steps: Steps, seed: int) -> Plan:
    """`graph` is the converted model, `rows` are as a client sends them, or none."""
    trees, hidden = trees_of(graph)
    words = words_of(graph)
    return Plan(
        base=ordinary(rows, inputs_of(source, steps), trees, words, seed),
        trees=trees,
        words=() if any(map(len, rows.values())) else words,
        exact=bool(trees) and not hidden and not steps and source.facts.family == "trees",
        seed=seed,
        nearest=any(node.op_type == "TopK" for node in graph.graph.node),
    )
