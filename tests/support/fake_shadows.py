"""Aliases `shadow` in memory, and what shadows wrote."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from wherry.errors import CloudError


class FakeShadows:
    """Of any function, with these releases."""

    def __init__(self, *releases: str) -> None:
        self.releases = releases
        self.moves: list[str | None] = []
        self._at: dict[str, str] = {}

    def at(self, function: str) -> str | None:
        return self._at.get(function)

    def point(self, function: str, release: str) -> None:
        if release not in self.releases:
            raise CloudError(function, f"there is no version {release}")
        self._at[function] = release
        self.moves.append(release)

    def remove(self, function: str) -> None:
        self._at.pop(function, None)
        self.moves.append(None)


class FakeShadowLines:
    """The logs of functions, of which only the lines of shadows are told."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[datetime, Mapping[str, Any]]]] = {}

    def write(self, function: str, at: datetime, line: Mapping[str, Any]) -> None:
        self._kept.setdefault(function, []).append((at, line))

    def __call__(
        self, function: str, since: datetime, until: datetime
    ) -> Iterator[Mapping[str, Any]]:
        kept = sorted(self._kept.get(function, []), key=lambda each: each[0])
        for at, line in kept:
            if since <= at < until and line.get("message") == "shadow":
                yield line
