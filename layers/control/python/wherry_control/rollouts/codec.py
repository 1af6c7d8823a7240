"""
A plan and a state as JSON, for a table, and back.

What is read is checked against the types: a value that another Wherry wrote differently is refused,
never guessed. SCHEMA is counted up when an old state could be misunderstood.

An item of DynamoDB holds 400 KB (AWS, "Quotas in DynamoDB"), and a model with many labels fills
histograms with many bins: so a state is packed, and if that is not enough, the finished steps keep
their counts and lose their histograms. Nothing of the current step is ever in a state.
"""

import zlib
from dataclasses import replace
from typing import Final, TypeVar

import msgspec

from wherry.errors import CloudError
from wherry_control.evidence.counts import Counts
from wherry_control.judging.verdicts import Stratum
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State

SCHEMA: Final = 1
MOST: Final = 350_000  # bytes of a packed state, which leaves room for the plan
Kind = TypeVar("Kind", Plan, State)
ENCODER = msgspec.json.Encoder(order="deterministic")


def encoded(value: Plan | State) -> str:
    """JSON; every number in it must be finite."""
    return ENCODER.encode(value).decode()


def decoded(where: str, text: str, kind: type[Kind]) -> Kind:
    """The inverse of `encoded`; raise CloudError if it is none of that kind."""
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise CloudError(
            where,
            f"it was kept by another Wherry, or changed by hand ({error})",
            "Update Wherry, or end the rollout with `wherry rollout rollback`.",
        ) from error


def packed(state: State) -> bytes:
    """A state in at most MOST bytes, if need be without the histograms of its finished steps."""
    told = zlib.compress(ENCODER.encode(state))
    if len(told) <= MOST:
        return told
    return zlib.compress(ENCODER.encode(replace(state, closed=tuple(map(_slim, state.closed)))))


def unpacked(where: str, told: bytes) -> State:
    """The inverse of `packed`; raise CloudError if it is no state."""
    try:
        text = zlib.decompress(told).decode()
    except (zlib.error, UnicodeDecodeError) as error:
        raise CloudError(where, f"it was changed by hand ({error})") from error
    return decoded(where, text, State)


def _slim(stratum: Stratum) -> Stratum:
    return replace(stratum, stable=_counted(stratum.stable), candidate=_counted(stratum.candidate))


def _counted(counts: Counts) -> Counts:
    return replace(counts, latency={}, outputs={}, inputs={}, pairs={})
