"""Aliases `shadow` in memory."""

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
