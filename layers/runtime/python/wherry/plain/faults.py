"""
What is wrong with rows of JSON, in the words of the model: the row, the field, what came.

msgspec finds the first fault and tells where; its words are those of Python. Rows count from 1.
"""

import re
from collections.abc import Sequence

from wherry.errors import RequestError
from wherry.plain.fields import Field
from wherry.protocol.signature import quoted

REQUEST = "the request"

_TOLD = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?", re.DOTALL)
_GOT = re.compile(r"Expected `.*`, got `(?P<came>\w+)`")
_NAMED = re.compile(
    r"Object (?P<how>missing required|contains unknown) field `(?P<name>.*?)`"
    r"(?: - at `\$(?P<path>(?:\[\d+\])?)`)?",
    re.DOTALL,  # the name is the caller's, and may look like anything
)
_CAME = {
    "null": "nothing", "bool": "true or false", "int": "a number", "float": "a number",
    "str": "a string", "array": "a list", "object": "an object",
}  # fmt: skip
_WANTED = {"f": "a number", "i": "a whole number", "u": "a whole number", "b": "true or false"}
_MOST_NAMES = 12


def fault(message: str, fields: Sequence[Field]) -> RequestError:
    """The error that msgspec's `message` means for rows of these fields."""
    if named := _NAMED.fullmatch(message):
        row, _ = _row(named["path"] or "")
        return _misnamed(row, named["how"], named["name"], fields)
    parts = _TOLD.fullmatch(message)
    what, path = (parts["what"], parts["path"] or "") if parts else (message, "")
    row, rest = _row(path)
    field = _field(row, rest, fields)
    came = _GOT.fullmatch(what)
    if field is None:
        return _misshaped(row, _CAME.get(came["came"], "") if came else "", what, fields)
    where = ", ".join(part for part in (row, quoted(field.name)) if part)
    if what.startswith("Expected `array`"):
        return RequestError(where, f"a list of shape {quoted(list(field.shape))} is wanted")
    if came:
        whole = field.dtype.kind in "iu" and came["came"] == "float"
        told = "a fraction" if whole else _CAME.get(came["came"], came["came"])
        return RequestError(where, f"{told} came; {wanted(field)}")
    return out_of_range(where, field)


def wanted(field: Field) -> str:
    """What one value of a field must be."""
    return f"{field.datatype} wants {_WANTED.get(field.dtype.kind, 'a string')}"


def out_of_range(where: str, field: Field) -> RequestError:
    return RequestError(where, f"the number is out of the range of {field.datatype}")


def listed(fields: Sequence[Field]) -> str:
    """The names of the fields; of very many, the first."""
    more = ", …" if len(fields) > _MOST_NAMES else ""
    return ", ".join(quoted(field.name) for field in fields[:_MOST_NAMES]) + more


def unknown(where: str, name: str, kind: str, fields: Sequence[Field]) -> RequestError:
    return RequestError(where, f"the model has no {kind} {quoted(name)}; it has {listed(fields)}")


def _misnamed(row: str, how: str, name: str, fields: Sequence[Field]) -> RequestError:
    where = row or REQUEST
    if how == "contains unknown":
        return unknown(where, name, "field", fields)
    return RequestError(where, f"{quoted(name)} did not come")


def _misshaped(row: str, came: str, what: str, fields: Sequence[Field]) -> RequestError:
    """Neither an object nor a list where one of both must be, or no JSON at all."""
    if what.startswith("Expected `array` of length"):
        return RequestError(row, f"a list of {len(fields)} values is wanted: {listed(fields)}")
    if came:
        return RequestError(
            row or REQUEST,
            f"{came} came; {'a row' if row else 'a list of rows, or one row,'} is wanted",
            f"A row is an object with {listed(fields)}.",
        )
    return RequestError(REQUEST, f"it is not JSON ({what})")


def _row(path: str) -> tuple[str, str]:
    """`[2].a` is in row 3; `.a` is in the one row that came."""
    found = re.match(r"\[(\d+)\]", path)
    if not found:
        return "", path
    return f"row {int(found[1]) + 1}", path[found.end() :]


def _field(row: str, rest: str, fields: Sequence[Field]) -> Field | None:
    """By name, by place in a row that is a list, or as the only one, which may be its row."""
    if len(fields) == 1:
        return fields[0] if row or rest else None
    place = re.match(r"\[(\d+)\]", rest)
    if place:
        return fields[int(place[1])]
    named = [field for field in fields if re.match(re.escape(f".{field.name}") + r"(\[|$)", rest)]
    return max(named, key=lambda field: len(field.name), default=None)
