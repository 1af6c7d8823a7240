"""Tallies: what a test of shares needs of one stratum. Nothing here tests anything."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from wherry_control.evidence.counts import Counts
from wherry_control.judging.told import part
from wherry_control.judging.verdicts import Stratum


class Tally(NamedTuple):
    """Requests of both sides of a stratum, and how many of them were hits: an error, a slow one."""

    weight: float
    stable: int
    stable_hits: int
    candidate: int
    candidate_hits: int

    @property
    def swapped(self) -> "Tally":
        """The same with both sides' places changed."""
        weight, stable, stable_hits, candidate, candidate_hits = self
        return Tally(1.0 - weight, candidate, candidate_hits, stable, stable_hits)


def tallies_of(strata: Iterable[Stratum], hits: Callable[[Counts], int]) -> list[Tally]:
    """One of each stratum. A hit is a request, also where a source told only of the hit."""
    told = []
    for weight, stable, candidate in (
        (each.weight, each.stable, each.candidate) for each in strata
    ):
        bad_stable, bad_candidate = hits(stable), hits(candidate)
        requests_stable = max(stable.requests, bad_stable)
        requests_candidate = max(candidate.requests, bad_candidate)
        told.append(Tally(weight, requests_stable, bad_stable, requests_candidate, bad_candidate))
    return told


def both(tallies: Iterable[Tally]) -> str:
    """`candidate 31 of 310 (10 %), stable 28 of 2,790 (1 %)`."""
    _, stable, stable_hits, candidate, candidate_hits = map(sum, zip(*tallies, strict=True))
    return f"candidate {part(candidate_hits, candidate)}, stable {part(stable_hits, stable)}"
