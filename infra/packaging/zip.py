"""
`build/zip/base`: the tree that a ZIP function is deployed from, dependencies and our code together.
A model with extras has a tree of its own, such as `build/zip/image`.
"""

from collections.abc import Sequence
from pathlib import Path

from infra.extras import closure_name
from infra.packaging.tree import Layout, Tree, build_tree
from infra.packaging.wheels import lock_of

LOCK = "requirements/runtime.txt"
OURS = {  # where our code lies in the checkout, and in /var/task
    "functions/__init__.py": "functions/__init__.py",
    "functions/inference": "functions/inference",
    "layers/runtime/python/wherry": "wherry",
}


def build_zip(
    root: Path, *, python: str = "3.13", architecture: str = "x86_64", extras: Sequence[str] = ()
) -> Tree:
    """Fill the tree, unless it already holds what the locks and our code ask for."""
    layout = Layout(
        folder=f"build/zip/{closure_name(extras)}",
        locks=(LOCK, *(lock_of(extra) for extra in extras)),
        ours=OURS,
        home="/var/task",
    )
    return build_tree(root, layout, python=python, architecture=architecture)
