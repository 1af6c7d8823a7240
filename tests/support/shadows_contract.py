"""
What every `Shadows` must do; run over the fake in unit tests and over Lambda on the local AWS.

A subclass gives the fixture `shadowed`: a `Shadows`, and a function with the releases 1 and 2, and
no alias `shadow`.
"""

from dataclasses import dataclass

import pytest

from wherry.errors import CloudError
from wherry_control.experiments.shadowing import Shadows


@dataclass(frozen=True)
class Shadowed:
    shadows: Shadows
    function: str


class ShadowsContract:
    def test_before_it_starts_there_is_none(self, shadowed: Shadowed) -> None:
        assert shadowed.shadows.at(shadowed.function) is None

    def test_it_is_where_it_was_pointed_last(self, shadowed: Shadowed) -> None:
        seen = []
        for release in ("1", "2", "2"):
            shadowed.shadows.point(shadowed.function, release)
            seen.append(shadowed.shadows.at(shadowed.function))

        assert seen == ["1", "2", "2"]

    def test_it_is_removed_and_twice_is_no_error(self, shadowed: Shadowed) -> None:
        shadowed.shadows.point(shadowed.function, "1")

        shadowed.shadows.remove(shadowed.function)
        shadowed.shadows.remove(shadowed.function)

        assert shadowed.shadows.at(shadowed.function) is None

    def test_it_points_at_a_release_that_exists(self, shadowed: Shadowed) -> None:
        with pytest.raises(CloudError):
            shadowed.shadows.point(shadowed.function, "99")
