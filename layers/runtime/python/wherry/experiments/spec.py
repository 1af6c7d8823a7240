"""
What a release knows of its experiment: the arms, and which buckets of subjects each has.

It is drawn up when a model is published, written into the lock, and reaches the function as one
literal in its environment. So every machine, cold start and release with the same lock puts the
same subject into the same arm, and asks nobody. It reads and checks; it decides no shares.
"""

import re
from typing import Annotated, Self

import msgspec
from msgspec import Meta

from wherry.artifact import DIGEST
from wherry.errors import ConfigurationError

VARIABLE = "WHERRY_EXPERIMENT"
BUCKETS = 10_000  # a hundredth of a percent each
NAME = r"[a-z][a-z0-9-]{0,39}"
METRIC = r"[a-z][a-z0-9_]{0,39}"
SUBJECT = r"(header|claim|field):[A-Za-z0-9_.:/-]{1,64}"  # a claim may be a URL
SUBJECT_IN_WORDS = "header:<name>, claim:<name> or field:<name>"
_AGAIN = "Run `wherry experiment lock` for the model, and deploy it again."

Range = tuple[Annotated[int, Meta(ge=0, lt=BUCKETS)], Annotated[int, Meta(gt=0, le=BUCKETS)]]


class Arm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`buckets` are half-open ranges, ascending and apart; `version` is the model version."""

    name: Annotated[str, Meta(pattern=f"^{NAME}\\Z")]
    version: Annotated[int, Meta(ge=1)]
    digest: Annotated[str, Meta(pattern=f"^{DIGEST.pattern}\\Z")]
    buckets: tuple[Range, ...]

    @property
    def width(self) -> int:
        """How many buckets it has."""
        return sum(end - begin for begin, end in self.buckets)


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    `salt` keys the hash of a subject: 32 hexadecimal digits, drawn once for each name.

    `subject` says where a request names its subject, `metric` which feedback is compared.
    """

    name: Annotated[str, Meta(pattern=f"^{NAME}\\Z")]
    salt: Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
    subject: Annotated[str, Meta(pattern=f"^{SUBJECT}\\Z")]
    metric: Annotated[str, Meta(pattern=f"^{METRIC}\\Z")]
    arms: tuple[Arm, ...]

    @classmethod
    def read(cls, text: str | bytes, where: str = VARIABLE) -> Self:
        """Raise ConfigurationError, naming `where`, unless each bucket has exactly one arm."""
        try:
            told = msgspec.json.decode(text, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigurationError(where, f"it is no experiment ({error})", _AGAIN) from None
        if len({arm.name for arm in told.arms}) < len(told.arms):
            raise ConfigurationError(where, "two of its arms have one name", _AGAIN)
        if not _is_whole(told.arms):
            raise ConfigurationError(
                where, f"its arms do not share {BUCKETS} buckets, each once", _AGAIN
            )
        return told

    def to_text(self) -> str:
        """Compact JSON, as the environment holds it."""
        return msgspec.json.encode(self).decode()

    def arm_of(self, bucket: int) -> Arm:
        """Whose bucket it is."""
        return next(
            arm for arm in self.arms if any(begin <= bucket < end for begin, end in arm.buckets)
        )


def is_name(text: object) -> bool:
    """Whether it may name an experiment or an arm."""
    return isinstance(text, str) and re.fullmatch(NAME, text) is not None


def _is_whole(arms: tuple[Arm, ...]) -> bool:
    ranges = sorted(each for arm in arms for each in arm.buckets)
    if not ranges or any(begin >= end for begin, end in ranges):
        return False
    ends = [0, *(end for _, end in ranges)]
    return ends == [*(begin for begin, _ in ranges), BUCKETS]
