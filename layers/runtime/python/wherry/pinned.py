"""
Which release answers a piece of work that no request brings: a message, a job, a partition.

Work is pinned to one artifact by its digest, as a request is, and a worker holds the services of
the few that it meets. What is live is asked of who owns it: the alias, with its weights in the
middle of a rollout. The same key always falls to the same side of a split, so that a message which
is delivered twice is answered by the same release. It moves no alias, and it never guesses a
release where none can be told.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol

import msgspec

from wherry.service import Service, load_service
from wherry.settings import Settings

KEPT = 2  # services at once: stable's and the candidate's
_WORD = 8  # bytes of a hash


class Pinned(NamedTuple):
    """`release` is the Lambda version, or `local`; `version` the model version."""

    release: str
    version: int
    digest: str


class Share(NamedTuple):
    """`part` of the traffic, from 0 to 1."""

    pinned: Pinned
    part: float


class Live(Protocol):
    """What serves now."""

    def shares(self) -> Sequence[Share]:
        """Stable first; the parts add up to 1. Raise CloudError if it cannot be told."""


class Fixed:
    """One release, as on a machine without aliases."""

    def __init__(self, pinned: Pinned) -> None:
        self._shares = (Share(pinned, 1.0),)

    def shares(self) -> Sequence[Share]:
        """See Live."""
        return self._shares


def choose(shares: Sequence[Share], key: str) -> Pinned:
    """Whose the work `key` is: always the same as long as the shares are."""
    told = sha256(key.encode(errors="surrogatepass")).digest()
    place = int.from_bytes(told[:_WORD], "big") / 256**_WORD
    for share in reversed(shares):  # the candidate has the first part of the line
        if place < share.part:
            return share.pinned
        place -= share.part
    return shares[0].pinned


class Services:
    """
    Services by what is pinned, the last few kept; `load` makes one from its settings.

    Each is loaded with every check that a release is: digest, signature where keys are pinned, its
    own example.
    """

    def __init__(
        self, settings: Settings, load: Callable[[Settings], Service] = load_service
    ) -> None:
        self._settings = settings
        self._load = load
        self._kept: OrderedDict[Pinned, Service] = OrderedDict()

    def of(self, pinned: Pinned) -> Service:
        """Raise ArtifactError or CloudError if it cannot be loaded."""
        found = self._kept.get(pinned)
        if found is None:
            told = msgspec.structs.replace(
                self._settings,
                digest=pinned.digest,
                model_version=pinned.version,
                release=pinned.release,
            )
            found = self._kept[pinned] = self._load(told)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(pinned)
        return found
