"""
Guards: what ends or holds a rollout beside its metrics.

Platform errors (no start, timeout, out of memory, crash) are a hard stop, for a healthy release has
none. Yet an outage gives them to both sides, and half of the traffic gets half of them: so beside
stable they stop a candidate only if it has more of them than its weight explains. At 90 % that is
39, though stable has none: with 38, an outage may have met one side only by chance. So do refusals
(4xx): what callers get wrong both sides refuse, but a candidate that wants something else of them
refuses more. The split of the traffic is checked since every other test rests on it; it rolls
nothing back.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from wherry_control.evidence.counts import PLATFORM as KINDS
from wherry_control.evidence.counts import Counts
from wherry_control.judging import levels
from wherry_control.judging.multinomial import ratio_evidence, split_evidence
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.share_readings import finding
from wherry_control.judging.tallies import Tally, both, tallies_of
from wherry_control.judging.told import part
from wherry_control.judging.verdicts import Reading, Stratum

# A release that ails so does it in earnest: small ratios need no part of the prior.
STARK = (100.0,)


def platform(settings: JudgeSettings, strata: Sequence[Stratum]) -> Reading:
    """At least `platform_errors` of one kind, and more of all kinds than the split explains."""
    tallies = tallies_of(strata, _platform_errors)
    threshold = levels.worse_from(settings, levels.PLATFORM)
    enough = worst_kind(each.candidate for each in strata)[1] >= settings.platform_errors
    evidence = ratio_evidence(tallies, STARK) if enough else 0.0
    found = finding(is_worse=evidence >= threshold, is_fine=True)
    told = f"platform errors: {both(tallies)}"
    return Reading(levels.PLATFORM, found, evidence, threshold, told=told)


def refusals(settings: JudgeSettings, strata: Sequence[Stratum]) -> Reading:
    """Does the candidate refuse what stable answers?"""
    tallies = [
        Tally(
            each.weight,
            _arrived(each.stable),
            each.stable.refusals,
            _arrived(each.candidate),
            each.candidate.refusals,
        )
        for each in strata
    ]
    evidence = ratio_evidence(tallies)
    threshold = levels.worse_from(settings, levels.REFUSALS)
    found = finding(is_worse=evidence >= threshold, is_fine=True)
    return Reading(levels.REFUSALS, found, evidence, threshold, told=f"refusals: {both(tallies)}")


def split(strata: Sequence[Stratum]) -> Reading:
    """Is the traffic split as it was asked for? What the caller must mend is traffic too."""
    tallies = [
        Tally(each.weight, _arrived(each.stable), 0, _arrived(each.candidate), 0) for each in strata
    ]
    evidence, threshold = split_evidence(tallies), levels.split_from()
    arrived = sum([each.stable + each.candidate for each in tallies])
    asked = sum([each.weight * (each.stable + each.candidate) for each in tallies])
    ours = part(sum([each.candidate for each in tallies]), arrived)
    found = finding(is_worse=evidence >= threshold, is_fine=True)
    told = f"split: candidate had {ours}, {asked:,.0f} were asked for"
    return Reading(levels.SPLIT, found, evidence, threshold, told=told)


def worst_kind(seen: Iterable[Counts]) -> tuple[str, int]:
    """The commonest kind of platform error, and how often it came; `("", 0)` if none did."""
    kinds: Counter[str] = Counter()
    for each in seen:
        if each.errors:
            kinds.update({kind: each.errors.get(kind, 0) for kind in KINDS})
    return max((+kinds).items(), key=lambda item: item[1], default=("", 0))


def _platform_errors(seen: Counts) -> int:
    return sum([seen.errors.get(kind, 0) for kind in KINDS]) if seen.errors else 0


def _arrived(seen: Counts) -> int:
    return seen.requests + seen.refusals
