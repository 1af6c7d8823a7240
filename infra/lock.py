"""
What a lock says: which artifact the next release of a model serves, and what its function needs.

`wherry publish` writes it and nobody edits it, so a wrong one is refused as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Self

from infra.experiments import Locked
from infra.extras import LOCKED
from infra.rules import Between, ConfigurationError, Like, OneOf, Some, checked, known, setting

# The names left out are those of stacks of the environment itself, and of other models' workers.
MODEL_NAME = r"(?!store$|operations$|ci$)(?![a-z0-9-]*-(?:batch|queue|jobs)$)[a-z][a-z0-9-]{0,39}"
DIGEST = r"sha256:[0-9a-f]{64}"


@dataclass(frozen=True, kw_only=True)
class Lock:
    """Which artifact the next release of a model serves; `wherry publish` writes it."""

    schema_version: int = setting(MISSING, OneOf((1,)))
    model: str = setting(MISSING, Like(MODEL_NAME, "the name of the model's folder"))
    version: int = setting(MISSING, Between(1, 99_999_999))
    digest: str = setting(MISSING, Like(DIGEST, "sha256: and 64 hexadecimal digits"))
    extras: Sequence[str] = field(default_factory=list, metadata={"rule": Some(LOCKED)})
    experiment: Mapping[str, Any] | None = setting(None, Locked())

    @classmethod
    def read(cls, where: str, found: object) -> Self:
        if not isinstance(found, dict):
            raise ConfigurationError(where, "it is no JSON object", "Publish the model again")
        rules = {each.name: each.metadata["rule"] for each in fields(cls)}
        known(where, found, tuple(rules))
        told = {"extras": [], **found}
        return cls(**{key: checked(where, key, told.get(key), rules[key]) for key in rules})
