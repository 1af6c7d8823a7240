"""
What every `Functions` must do; run over the fake in unit tests and over a deployed function in e2e.

A subclass gives the fixture `deployed`: a `Functions`, the name of a function with at least two
published versions, and these versions' names, the first of which has all live traffic.
"""

from dataclasses import dataclass

import pytest

from wherry.errors import CloudError, ConflictError
from wherry_control.functions import LATEST, Functions, Traffic


@dataclass(frozen=True)
class DeployedFunction:
    functions: Functions
    name: str
    first: str
    second: str


class FunctionsContract:
    def test_versions_are_listed_oldest_first_and_never_latest(
        self, deployed: DeployedFunction
    ) -> None:
        listed = [item.version for item in deployed.functions.versions(deployed.name)]

        assert listed == sorted(listed, key=int)
        assert {deployed.first, deployed.second} <= set(listed)
        assert LATEST not in listed

    def test_a_move_is_what_is_read_back(self, deployed: DeployedFunction) -> None:
        before = deployed.functions.live(deployed.name)
        wanted = Traffic(deployed.first, deployed.second, 12.5)

        moved = deployed.functions.move(deployed.name, wanted, revision=before.revision)

        assert moved.traffic == wanted
        assert deployed.functions.live(deployed.name) == moved

    def test_dropping_the_candidate_leaves_no_weight(self, deployed: DeployedFunction) -> None:
        live = deployed.functions.live(deployed.name)
        split = Traffic(deployed.first, deployed.second, 50)
        live = deployed.functions.move(deployed.name, split, revision=live.revision)

        deployed.functions.move(deployed.name, Traffic(deployed.first), revision=live.revision)

        assert deployed.functions.live(deployed.name).traffic == Traffic(deployed.first)

    def test_a_stale_revision_moves_nothing(self, deployed: DeployedFunction) -> None:
        stale = deployed.functions.live(deployed.name)
        split = Traffic(deployed.first, deployed.second, 10)
        moved = deployed.functions.move(deployed.name, split, revision=stale.revision)

        with pytest.raises(ConflictError):
            deployed.functions.move(
                deployed.name, Traffic(deployed.second), revision=stale.revision
            )

        assert deployed.functions.live(deployed.name) == moved

    def test_a_version_that_does_not_exist_gets_no_traffic(
        self, deployed: DeployedFunction
    ) -> None:
        live = deployed.functions.live(deployed.name)
        wanted = Traffic(deployed.first, "999", 10)

        with pytest.raises(CloudError, match="999"):
            deployed.functions.move(deployed.name, wanted, revision=live.revision)

        assert deployed.functions.live(deployed.name).traffic == live.traffic

    def test_an_unknown_function_is_an_error_and_not_an_empty_list(
        self, deployed: DeployedFunction
    ) -> None:
        with pytest.raises(CloudError):
            deployed.functions.versions("wherry-dev-nobody")

    def test_a_version_that_the_alias_names_cannot_be_deleted(
        self, deployed: DeployedFunction
    ) -> None:
        live = deployed.functions.live(deployed.name)
        split = Traffic(deployed.first, deployed.second, 10)
        deployed.functions.move(deployed.name, split, revision=live.revision)

        for version in (deployed.first, deployed.second):
            with pytest.raises(ConflictError):
                deployed.functions.delete(deployed.name, version)

    def test_a_version_that_nothing_names_can_be_deleted(self, deployed: DeployedFunction) -> None:
        live = deployed.functions.live(deployed.name)
        deployed.functions.move(deployed.name, Traffic(deployed.second), revision=live.revision)

        deployed.functions.delete(deployed.name, deployed.first)

        listed = [item.version for item in deployed.functions.versions(deployed.name)]
        assert deployed.first not in listed
        assert deployed.second in listed
