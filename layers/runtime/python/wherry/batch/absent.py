"""
Columns that are wanted and did not come: what came in their place, and what to do about it.

A name that is spelt in another way, a header that is not there and columns that are parted by
something else than a comma look alike to who only hears what is missing.
"""

import difflib
from collections.abc import Sequence

from wherry.batch.contract import Format
from wherry.batch.lists import spread_names
from wherry.errors import RefusedError
from wherry.plain.fields import Field
from wherry.protocol.signature import quoted

PARTED = {";": "';'", "\t": "a tab", "|": "'|'"}
MOST_NAMES = 12


def absent(
    where: str, missing: Sequence[Field], there: Sequence[str], format_: Format
) -> RefusedError:
    """Fields that the model wants."""
    names = [field.name for field in missing]
    advice = [_instead(names, there), *[_as_list(each, format_) for each in missing if each.shape]]
    return RefusedError(where, f"{_listed(names)} did not come", " ".join(advice[:2]))


def not_kept(where: str, names: Sequence[str], there: Sequence[str]) -> RefusedError:
    """Columns that were asked to be carried through."""
    what = f"{_listed(names)} did not come, and is to be kept"
    return RefusedError(where, what, _instead(names, there))


def _instead(names: Sequence[str], there: Sequence[str]) -> str:
    if not there:
        return "It has no column."
    if len(there) == 1:
        for mark, told in PARTED.items():
            if mark in there[0]:
                return f"Its columns are parted by {told}: write it with commas."
    if all(map(_is_number, there)):
        return f"Its first line is {_listed(there)}: name the columns there."
    meant = [(name, close) for name in names if (close := _close(name, there))]
    more = "".join(f" Did you mean {quoted(close)} by {quoted(name)}?" for name, close in meant[:3])
    return f"It has {_listed(there)}.{more}"


def _close(name: str, there: Sequence[str]) -> str | None:
    known = {_plain(each): each for each in reversed(there)}
    found = difflib.get_close_matches(_plain(name), known, n=1)
    return known[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold())) or name


def _as_list(field: Field, format_: Format) -> str:
    """How rows that are lists are sent."""
    names, sizes = spread_names(field), " x ".join(map(str, field.shape))
    columns = f"columns {quoted(names[0])} to {quoted(names[-1])}"
    way = {
        "csv": f"{columns}, or use JSON Lines or Parquet", "jsonl": "one list",
        "parquet": f"one column of lists, or {columns}",
    }[format_]  # fmt: skip
    return f"{quoted(field.name)} is {sizes} values in each row: send {way}."


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _listed(names: Sequence[str]) -> str:
    more = f", … ({len(names)} in all)" if len(names) > MOST_NAMES else ""
    return ", ".join(map(quoted, names[:MOST_NAMES])) + more
