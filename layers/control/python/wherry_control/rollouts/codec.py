"""
A plan and a state as JSON, for a table, and back.

What is read is checked against the types: a value that another Wherry wrote differently is refused,
never guessed. SCHEMA is counted up when an old state could be misunderstood.
"""

from typing import Final, TypeVar

import msgspec

from wherry.errors import CloudError
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State

SCHEMA: Final = 1
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
