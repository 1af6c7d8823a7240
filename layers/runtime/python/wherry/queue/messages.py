"""
What comes from a broker, and what becomes of it: the words that every worker shares.

An outcome says whether to acknowledge. A refusal is a result too: it is told where answers are,
and the message is done with. What failed is not acknowledged, so that the broker brings it again,
or lays it aside after as many times as it was told.
"""

from collections.abc import Mapping

import msgspec

CONTENT_TYPE = "content-type"
HEADER_LENGTH = "inference-header-content-length"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """
    One message. `id` is its sender's, or else the broker's; of a `group` that is not empty the
    order is kept. Of its `attributes`, by names in lower case, two count: `content-type` says what
    a body is that is no JSON, `inference-header-content-length` that tensors follow its JSON.
    `receives` is how often it was handed out, this time too, where the broker says so.
    """

    id: str
    body: bytes
    group: str = ""
    attributes: Mapping[str, str] = {}
    receives: int = 1


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is told of a message, in JSON, wherever results go.

    `name` is its own for good: it is derived from the message, and safe as part of a key. `group`
    is the message's.
    """

    id: str
    name: str
    body: bytes
    group: str = ""


class Answered(msgspec.Struct, frozen=True):
    """Acknowledge: the result is where results go."""

    result: Result


class Refused(msgspec.Struct, frozen=True):
    """Acknowledge: what its sender must mend is where results go."""

    result: Result


class Failed(msgspec.Struct, frozen=True):
    """Do not acknowledge; it is to come again."""

    reason: str


Outcome = Answered | Refused | Failed
