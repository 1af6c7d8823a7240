"""
skops files: a zip of arrays and one `schema.json` that names every type.

skops names what it would load, and has had holes in doing so; so the schema is read here first, and
every name in it must be on the same list as a pickle's.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from models.preparation.untrusted.allowed import ALLOWED, present
from models.preparation.untrusted.refusals import refusal
from models.preparation.untrusted.zips import checked_zip
from wherry.errors import UnsafeError

SCHEMA = "schema.json"
# Nodes of skops that make values; those left out fetch attributes, call methods or import.
NODES = frozenset({
    "BytearrayNode", "BytesNode", "CachedNode", "ConstructorFromReduceNode", "DTypeNode",
    "DefaultDictNode", "DictNode", "FunctionNode", "JsonNode", "ListNode", "LossNode",
    "MaskedArrayNode", "NdArrayNode", "ObjectNode", "RandomGeneratorNode", "RandomStateNode",
    "SetNode", "SliceNode", "SparseMatrixNode", "TreeNode", "TupleNode", "TypeNode",
})  # fmt: skip
CLASS, MODULE, LOADER = "__class__", "__module__", "__loader__"


def scanned(path: Path) -> set[str]:
    """`module.name` of every type; UnsafeError, by name, for one that is not allowed."""
    members = checked_zip(path)
    if SCHEMA not in members:
        raise UnsafeError(path.name, "it is a zip, and neither a pickle nor a skops file")
    with ZipFile(path) as archive:
        try:
            schema = json.loads(archive.read(SCHEMA))
        except (ValueError, RecursionError) as error:
            raise UnsafeError(path.name, f"its {SCHEMA} cannot be read") from error
    return {_allowed(path, node) for node in _nodes(schema)}


def load(path: Path) -> Any:
    """What the file holds; only in a child, and only after `scanned`."""
    import skops.io

    return skops.io.load(path, trusted=sorted(scanned(path)))


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    waiting = [schema]
    while waiting:
        match waiting.pop():
            case dict(value):
                if {CLASS, MODULE, LOADER} & set(value):
                    yield value
                waiting.extend(value.values())
            case list(value):
                waiting.extend(value)


def _allowed(path: Path, node: dict[str, Any]) -> str:
    match node:
        case {"__module__": str(module), "__class__": str(name), "__loader__": str(loader)}:
            if present((module, name)) not in ALLOWED:
                raise refusal(path, module, name)
            if loader not in NODES:
                raise refusal(path, f"skops's {loader} of {module}", name)
            return f"{module}.{name}"
    raise UnsafeError(path.name, f"its {SCHEMA} holds a type without a name")
