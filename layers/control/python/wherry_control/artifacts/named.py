"""`MODEL` or `MODEL@VERSION`, as people name what is in a store."""

import re
from dataclasses import dataclass

from wherry.errors import UsageError
from wherry.store import ModelStore, ModelVersion

_FORM = re.compile(r"([a-z][a-z0-9-]{0,39})(?:@([1-9][0-9]{0,7}))?")


@dataclass(frozen=True)
class Named:
    """`version` None is the highest."""

    model: str
    version: int | None = None


def named(text: str) -> Named:
    """Raise UsageError unless it is one of the two forms."""
    told = _FORM.fullmatch(text)
    if told is None:
        raise UsageError(f"{text!r}", "no name of a model version", "Write MODEL or MODEL@VERSION.")
    return Named(told[1], int(told[2]) if told[2] else None)


def find(store: ModelStore, wanted: Named) -> ModelVersion:
    """Raise UsageError, telling what there is, if there is no such version."""
    known = store.versions(wanted.model)
    if not known:
        others = ", ".join(store.models())
        told = f"It holds {others}." if others else f"Run `wherry publish {wanted.model}`."
        raise UsageError(store.url, f"it holds no version of {wanted.model}", told)
    for each in known:
        if each.version == (wanted.version or known[-1].version):
            return each
    numbers = ", ".join(str(each.version) for each in known)
    raise UsageError(
        store.url, f"it holds no version {wanted.version} of {wanted.model}", f"It has {numbers}."
    )
