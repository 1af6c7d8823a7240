"""
`build/operations`: the layer that functions/operations share. It holds the control plane, the parts
of the data plane that it knows artifacts and sketches by, and the few packages that those need.

boto3 is Lambda's own, and numpy and onnxruntime are not there: nothing in it predicts.
"""

from pathlib import Path

from infra.packaging.tree import Layout, Tree, build_tree

LAYOUT = Layout(
    folder="build/operations",
    locks=("requirements/operations.txt",),
    ours={
        "layers/control/python/wherry_control": "wherry_control",
        "layers/runtime/python/wherry": "wherry",
    },
    home="/opt/python",
    inside="python",  # where Lambda looks for a layer's modules
)


def build_operations(root: Path, *, python: str = "3.13") -> Tree:
    """Fill the layer, unless it already holds what the lock and our code ask for."""
    return build_tree(root, LAYOUT, python=python, architecture="x86_64")
