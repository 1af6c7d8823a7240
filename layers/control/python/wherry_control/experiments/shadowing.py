"""
Which release is the shadow: the alias `shadow` of the model's function, which no caller reaches.

Stable sends it a share of its requests (`[shadow] share`); it answers to nobody. So moving it needs
no preflight and no lock: the worst candidate costs its own time, and stopping is one call.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from wherry.errors import RefusedError, UsageError
from wherry_control.aws_errors import ABSENT, translated
from wherry_control.functions import Functions, FunctionVersion

ALIAS = "shadow"
SHARE = "WHERRY_SHADOW_SHARE"


class Shadows(Protocol):
    """The alias `shadow` of functions."""

    def at(self, function: str) -> str | None:
        """The release that it points at; None if there is none."""
        ...

    def point(self, function: str, release: str) -> None:
        """Make it, or move it."""
        ...

    def remove(self, function: str) -> None:
        """Whether there is one or not."""
        ...


@dataclass(frozen=True)
class Moved:
    """`before` and `after` are releases, or None; `share` is what stable sends."""

    function: str
    before: str | None
    after: str | None
    share: float = 0.0


@dataclass(frozen=True)
class Shadowing:
    """`wherry shadow start` and `stop`."""

    functions: Functions
    shadows: Shadows
    dry_run: bool = False

    def start(self, function: str, release: str | None = None) -> Moved:
        """Point it at `release`, or else at the newest one, which must not be stable itself."""
        known = self.functions.versions(function)
        names = [version.version for version in known]
        wanted = release or names[-1]
        if wanted not in names:
            told = ", ".join(names)
            raise UsageError("--release", f"{wanted} is none", f"The releases are: {told}.")
        live = self.functions.live(function).traffic
        stable = live.stable
        if wanted == live.candidate:
            raise RefusedError(
                f"{function}:{ALIAS}",
                f"release {wanted} has {live.weight:g} % of the live traffic",
                "Where it fails in the shadow would count against it: end its rollout first.",
            )
        if wanted == stable:
            raise RefusedError(
                f"{function}:{ALIAS}",
                f"release {stable} is stable, and no shadow of itself",
                "Deploy a candidate, or name one by --release.",
            )
        share = _share(next((each for each in known if each.version == stable), None))
        if not share:
            raise RefusedError(
                f"{function}:{ALIAS}",
                f"stable release {stable} sends no shadow anything",
                "Give `share` under [shadow] of model.toml, deploy, and promote that release.",
            )
        before = self.shadows.at(function)
        if before != wanted and not self.dry_run:
            self.shadows.point(function, wanted)
        return Moved(function, before, wanted, share)

    def stop(self, function: str) -> Moved:
        """Stable finds nobody there, and asks again once a minute."""
        before = self.shadows.at(function)
        if before is not None and not self.dry_run:
            self.shadows.remove(function)
        return Moved(function, before, None)


@dataclass(frozen=True)
class LambdaShadows:
    """The real ones; `client` is boto3's `lambda`."""

    client: Any

    def at(self, function: str) -> str | None:
        """See Shadows."""
        told = self._asked("get_alias", function)
        return str(told["FunctionVersion"]) if told else None

    def point(self, function: str, release: str) -> None:
        """See Shadows."""
        told = {"FunctionName": function, "Name": ALIAS, "FunctionVersion": release}
        with translated(f"{function}:{ALIAS}"):
            if self.at(function) is None:
                self.client.create_alias(**told, Description="Answers a share, to nobody")
            else:
                self.client.update_alias(**told)

    def remove(self, function: str) -> None:
        """See Shadows."""
        self._asked("delete_alias", function)

    def _asked(self, call: str, function: str) -> dict[str, Any] | None:
        """None where there is no such alias."""
        from botocore.exceptions import ClientError

        with translated(f"{function}:{ALIAS}"):
            try:
                told: dict[str, Any] = getattr(self.client, call)(FunctionName=function, Name=ALIAS)
            except ClientError as error:
                if error.response["Error"].get("Code") in ABSENT:
                    return None
                raise
        return told


def _share(version: FunctionVersion | None) -> float:
    return float(version.environment.get(SHARE) or 0) if version else 0.0
