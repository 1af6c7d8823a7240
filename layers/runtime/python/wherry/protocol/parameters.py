"""
Parameters: what a caller may add to a request, an input or an output beyond what the protocol asks.

Their values are strings, numbers and booleans. One that nobody here knows changes nothing; one that
asks for another thing than a plain tensor is refused, not overlooked.
"""

from collections.abc import Mapping
from typing import Any

from wherry.errors import RequestError
from wherry.protocol.signature import quoted

_VALUES = frozenset({str, int, float, bool, type(None)})
_NOT_SERVED = frozenset({"classification", "shared_memory_region"})
_NONE: Mapping[str, Any] = {}


def parameters_of(where: str, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Those of `told`, the request, or one of its inputs or outputs; `where` names it."""
    parameters = told.get("parameters")
    if parameters is None:
        return _NONE
    parameters = as_object(f"parameters of {where}", parameters)
    for name, value in parameters.items():
        if type(value) not in _VALUES:
            raise RequestError(
                f"parameter {quoted(name)} of {where}",
                f"{quoted(value)} came; a string, a number or a boolean is wanted",
            )
        if name in _NOT_SERVED:
            raise RequestError(f"parameter {quoted(name)} of {where}", "it is not served here")
    return parameters


def flag(where: str, parameters: Mapping[str, Any], name: str, *, default: bool) -> bool:
    """The parameter `name`, which is a boolean; `default` where it did not come."""
    told = parameters.get(name)
    if told is None:
        return default
    if type(told) is not bool:
        raise RequestError(
            f"parameter {quoted(name)} of {where}", f"{quoted(told)} came; a boolean is wanted"
        )
    return told


def as_object(where: str, told: Any) -> Mapping[str, Any]:
    """Raise RequestError unless `told` is a JSON object; `where` names it."""
    if type(told) is not dict:
        raise RequestError(where, f"{quoted(told)} came; an object is wanted")
    return told
