"""
Converters of our own, told to skl2onnx: for what it does not know, or would get wrong.

A framework is imported only if the estimator brought it.
"""

from typing import Any

from models.preparation.sources import encoders, scalers, tree_graphs
from models.preparation.sources.parts import parts

OURS = (encoders, scalers, tree_graphs)


def register(estimator: Any) -> None:
    """Those that the estimator needs."""
    from skl2onnx import update_registered_converter

    for kind in {type(each) for each in parts(estimator)}:
        found = next(filter(None, (each.converter_of(kind) for each in OURS)), None)
        if found is not None:
            update_registered_converter(
                kind,
                found.alias,
                found.shape,
                found.convert,
                options=found.options,
                parser=found.parser,
            )
