"""
What is below a folder of this machine, also by links, and each file once.

A folder of a data set often is links to where its parts lie. One may lead to what is there already,
and its rows would be answered twice, and nobody would know: so what lies below the folder itself
comes first, and a link gives what is new. Names that are no links are files of their own, though
somebody may keep equal ones in one place. What is in hidden folders is no data.
"""

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

HIDDEN = ("_", ".")  # so begin names that other engines pass over, too

Place = tuple[int, int]  # a device, and the number there
Found = os.DirEntry[str]


def below(top: str) -> Iterator[str]:
    """
    The paths of its files. A folder that cannot be listed raises OSError: what it has would be
    missing, and nobody would know.
    """
    return _Walk(top).files()


class _Walk:
    def __init__(self, top: str) -> None:
        self._waiting = deque([top])  # folders, those that links lead to last
        self._listed: set[Place] = set()
        self._given: set[Place] = set()
        self._links: list[Found] = []

    def files(self) -> Iterator[str]:
        """Links to files come last, when all folders are known."""
        while self._waiting:
            yield from self._own(self._waiting.popleft())
        for each in self._links:
            if (place := _place(each.stat())) not in self._given:
                self._given.add(place)
                yield each.path

    def _own(self, folder: str) -> Iterator[str]:
        """Its files that are no links; the other things in it are put aside."""
        found = self._entries(folder)
        for each in found:
            if not _is(each.is_file):
                continue
            if each.name.startswith(HIDDEN):  # nobody reads it, and so a link may show it
                yield each.path
            elif each.is_symlink():
                self._links.append(each)
            else:
                self._given.add(_place(each.stat()))
                yield each.path
        inside = [each for each in found if not each.name.startswith(HIDDEN) and _is(each.is_dir)]
        self._waiting.extendleft(each.path for each in reversed(inside) if not each.is_symlink())
        self._waiting.extend(each.path for each in inside if each.is_symlink())

    def _entries(self, folder: str) -> list[Found]:
        """By name; none of a folder that was listed before, is gone meanwhile or was never."""
        try:
            place = _place(Path(folder).stat())
            if place in self._listed:
                return []
            with os.scandir(folder) as listed:
                found = sorted(listed, key=lambda each: each.name)
        except (FileNotFoundError, NotADirectoryError):
            return []
        self._listed.add(place)
        return found


def _is(kind: Callable[[], bool]) -> bool:
    """A link that leads to itself leads to nothing, as one does to what is gone."""
    try:
        return kind()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        return False


def _place(found: os.stat_result) -> Place:
    return found.st_dev, found.st_ino
