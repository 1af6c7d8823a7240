"""
Sequential multinomial tests (Lindon & Malek, "Anytime-Valid Inference For Multinomial Count Data",
NeurIPS 2022), for two sides: which of them did each hit come from?

If both sides are alike, each hit comes from the candidate with the chance `weight`, whatever the
rate of hits is and however it changes by the hour. The likelihood ratio against that, averaged over
a prior of alternatives, is a martingale that begins at 1. Two priors are used.

- `split_evidence`: the paper's own conjugate prior over the share, in both directions. For
  requests.
- `ratio_evidence`: a few ratios of the candidate's rate to stable's, all above 1. For harm.

The second has two merits for harm. It is valid against every candidate that is no worse, not only
against one that is equal: with ratio r, a hit multiplies the fortune by r / d if it is the
candidate's and by 1 / d if not, where d = 1 + weight * (r - 1). If the hit is the candidate's with
a chance t <= weight, the mean of the factor is (1 + t * (r - 1)) / d <= 1. And a ratio is the same
thing at every weight, so that steps of a rollout share what they learn; a share is not, and its
prior is paid for again in every step.
"""

from collections.abc import Iterable, Sequence
from math import log, log1p

from wherry_control.judging.dirichlet import multinomial_evidence
from wherry_control.judging.mixing import log_mean
from wherry_control.judging.tallies import Tally

RATIOS = (1.25, 1.6, 2.5, 5.0, 12.0, 50.0)
# The weight of the prior, in requests, that the split is what was asked for.
CONCENTRATION = 10.0


def ratio_evidence(tallies: Sequence[Tally], ratios: Sequence[float] = RATIOS) -> float:
    """Log e-value against "the candidate's rate of hits is at most stable's"."""
    mine = sum([each.candidate_hits for each in tallies])
    hits = [(each.weight, each.stable_hits + each.candidate_hits) for each in tallies]
    return log_mean(
        [
            mine * log(ratio)
            - sum([count * log1p(weight * (ratio - 1.0)) for weight, count in hits])
            for ratio in ratios
        ]
    )


def split_evidence(tallies: Iterable[Tally]) -> float:
    """Log e-value against "each request went to the candidate with the chance `weight`"."""
    return sum(
        [
            multinomial_evidence(
                (each.candidate, each.stable), (each.weight, 1.0 - each.weight), CONCENTRATION
            )
            for each in tallies
        ]
    )
