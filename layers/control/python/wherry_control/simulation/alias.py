"""
An alias as Lambda has it: it routes to at most two versions, at random, and moves by revision.

It refuses what Lambda refuses: a revision that is not its own any more, a version that it was not
told of, one version in both places, a weight that is no share. It has no provisioned concurrency,
which Lambda does not allow beside weights.
"""

from numpy.random import Generator

from wherry.errors import CloudError, ConflictError
from wherry_control.functions import Live, Traffic

WHERE = "the simulated alias"
PERCENT = 100.0


class SimulatedAlias:
    """Begins with all traffic at the first of `versions`."""

    def __init__(self, *versions: str) -> None:
        self._versions = versions
        self._moves = 0
        self._traffic = Traffic(versions[0])

    @property
    def live(self) -> Live:
        return Live(self._traffic, f"revision-{self._moves}")

    def move(self, wanted: Traffic, *, revision: str) -> Live:
        """Raise ConflictError for another revision, CloudError for what cannot be."""
        if revision != self.live.revision:
            raise ConflictError(WHERE, f"it is at {self.live.revision}, not at {revision}")
        unknown = {wanted.stable, wanted.candidate} - {*self._versions, None}
        if unknown or wanted.stable == wanted.candidate or not 0 <= wanted.weight <= PERCENT:
            raise CloudError(WHERE, f"it cannot route to {wanted}")
        self._moves += 1
        self._traffic = wanted
        return self.live

    def route(self, generator: Generator, requests: int) -> dict[str, int]:
        """How many of these requests each version gets; each one by itself, never by its caller."""
        traffic = self._traffic
        if traffic.candidate is None:
            return {traffic.stable: requests}
        tried = int(generator.binomial(requests, traffic.weight / PERCENT))
        return {traffic.stable: requests - tried, traffic.candidate: tried}
