"""
Releases: the published versions of a model's function, each with the model version it serves.

A release is read from what AWS pinned when it was published (environment and code digest of an
immutable version); nothing here is kept in a file that could disagree.
"""

import hashlib
from dataclasses import dataclass

from wherry_control.functions import Functions, FunctionVersion, Traffic


@dataclass(frozen=True)
class Release:
    """
    One published Lambda version: one code, one artifact, one configuration.

    `experiment` tells one that it pins from any other; empty where it pins none.
    """

    release: str
    model_version: int | None
    digest: str
    code_sha256: str
    description: str
    published_at: str
    role: str
    dead_letter: str
    experiment: str = ""

    def role_in(self, traffic: Traffic) -> str:
        """`stable`, `candidate`, or nothing."""
        if self.release == traffic.stable:
            return "stable"
        return "candidate" if self.release == traffic.candidate else ""


def releases_of(functions: Functions, function: str) -> tuple[Release, ...]:
    """All releases of a function, oldest first."""
    return tuple(_release(version) for version in functions.versions(function))


def _release(version: FunctionVersion) -> Release:
    number = version.environment.get("WHERRY_MODEL_VERSION", "")
    return Release(
        release=version.version,
        model_version=int(number) if number.isdigit() else None,
        digest=version.environment.get("WHERRY_DIGEST", ""),
        code_sha256=version.code_sha256,
        description=version.description,
        published_at=version.published_at,
        role=version.role,
        dead_letter=version.dead_letter,
        experiment=_fingerprint(version.environment.get("WHERRY_EXPERIMENT", "")),
    )


def _fingerprint(told: str) -> str:
    return hashlib.sha256(told.encode()).hexdigest()[:12] if told else ""
