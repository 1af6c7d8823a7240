"""
What those who take jobs and those who do them must both be told: where jobs are, and how large.

Read once, from the mapping that the caller passes, and only where there are jobs.
"""

import os
from collections.abc import Mapping
from typing import Self

import msgspec

from wherry.errors import ConfigurationError
from wherry.limits import Limits

TABLE, QUEUE, PLACE = "WHERRY_JOBS_TABLE", "WHERRY_JOBS_QUEUE", "WHERRY_JOBS"
KEEP, MOST, RECEIVES = "WHERRY_JOBS_KEEP_HOURS", "WHERRY_JOBS_MOST_MB", "WHERRY_JOBS_RECEIVES"
MEGABYTE = 1024 * 1024

_NEEDED = {TABLE: "the table of jobs", QUEUE: "the URL of their queue", PLACE: "s3://bucket/prefix"}
_COUNTS = (KEEP, MOST, RECEIVES)


class JobRules(msgspec.Struct, frozen=True, kw_only=True):
    """
    `keep_hours` after it was made, a job has expired. `most_mb` bounds an input, and a result.
    `receives` is how often a job is tried: what the queue's redrive policy says.
    """

    keep_hours: int = 24
    most_mb: int = 512
    receives: int = 3

    @property
    def most_bytes(self) -> int:
        """Of an input, as it comes or decompressed, and of a result."""
        return self.most_mb * MEGABYTE

    def limits(self, base: Limits) -> Limits:
        """What a job may ask for: nothing but its bytes bounds it, and what else `base` says."""
        most = self.most_bytes
        return msgspec.structs.replace(
            base,
            body_bytes=most,
            decompressed_bytes=most,
            answer_bytes=most,
            elements=max(base.elements, most),
            rows=max(base.rows, most),
        )


class JobSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where jobs are on AWS: `place` is `s3://bucket/prefix`, `queue` a URL."""

    table: str
    queue: str
    place: str
    rules: JobRules = JobRules()

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raise ConfigurationError naming every variable that is missing or wrong."""
        faults = [
            f"{name} is missing ({what})"
            for name, what in _NEEDED.items()
            if not environment.get(name)
        ]
        faults += [
            f"{name} is {environment[name]!r}, not a whole number from 1"
            for name in _COUNTS
            if environment.get(name) and not _is_count(environment[name])
        ]
        if faults:
            raise ConfigurationError("the environment", "; ".join(faults), "Deploy it again.")
        rules = {
            field: int(environment[name])
            for field, name in zip(JobRules.__struct_fields__, _COUNTS, strict=True)
            if environment.get(name)
        }
        return cls(
            table=environment[TABLE],
            queue=environment[QUEUE],
            place=environment[PLACE],
            rules=JobRules(**rules),
        )


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) > 0
