"""
What a worker must be told by its environment: which model, and whose alias says what is live.

A worker has no release of its own (wherry.pinned), so the settings of one are `base` here, with a
digest and a version that stand for nothing until `Services` puts pinned ones in their place.
"""

import os
from collections.abc import Mapping
from typing import Self

import msgspec

from wherry.errors import ConfigurationError
from wherry.settings import Settings

FUNCTION = "WHERRY_FUNCTION"
_NONE = {"WHERRY_DIGEST": f"sha256:{'0' * 64}", "WHERRY_MODEL_VERSION": "1"}


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True):
    """`function` is the model's own, whose alias `live` rules; `told` is the whole environment."""

    base: Settings
    function: str
    told: Mapping[str, str]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Raise ConfigurationError naming what is missing or wrong."""
        base = Settings.from_environment({**environment, **_NONE})
        told = cls(base=base, function=environment.get(FUNCTION, ""), told=environment)
        told.required(FUNCTION)
        return told

    def required(self, name: str) -> str:
        """A variable without which this worker cannot work."""
        found = self.told.get(name)
        if not found:
            raise ConfigurationError("the environment", f"{name} is missing", "Deploy it again.")
        return found
