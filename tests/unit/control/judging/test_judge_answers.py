"""A verdict by the answers themselves: their distribution, and the outcomes that came back."""

from dataclasses import replace

from tests.support.judging import SETTINGS, good, labels, reading, seen
from wherry_control.evidence.counts import Moments
from wherry_control.judging.judge import judge
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import FINE, INCONCLUSIVE, OPEN, PROMOTE, ROLL_BACK, Stratum


def test_other_answers_without_any_error_roll_back() -> None:
    odd = replace(good(), candidate=seen(1000, pairs=labels(1000, 0.9)))

    told = judge(SETTINGS, [odd])

    assert told.verdict == ROLL_BACK
    assert told.reason == "outputs: answers differ by 40 %, allowed 10 %"


def test_answers_within_the_allowed_distance_are_promoted() -> None:
    near = replace(good(), candidate=seen(1000, pairs=labels(1000, 0.55)))

    assert judge(SETTINGS, [near]).verdict == PROMOTE


def test_a_column_beside_which_answers_differ_is_named() -> None:
    stable = {"": {"|a": 450, "|b": 450}, "petal": {"0|a": 450, "1|b": 450}}
    candidate = {"": {"|a": 50, "|b": 50}, "petal": {"0|b": 50, "1|a": 50}}

    told = judge(SETTINGS, [Stratum(0.1, seen(900, pairs=stable), seen(100, pairs=candidate))])

    assert told.reason == "outputs: answers beside 'petal' differ by 100 %, allowed 10 %"


def test_a_candidate_whose_answers_nobody_recorded_is_not_promoted() -> None:
    told = judge(SETTINGS, [replace(good(), candidate=seen(1000))])

    assert told.verdict == INCONCLUSIVE
    assert reading(told, "outputs").finding == OPEN


def test_a_model_whose_outputs_are_not_recorded_is_promoted_by_its_errors() -> None:
    assert judge(SETTINGS, [Stratum(0.1, seen(9000), seen(1000))]).verdict == PROMOTE


def test_a_candidate_that_mends_errors_does_not_read_as_another_distribution() -> None:
    """It answers where stable failed, so that it answers more of everything."""
    stable = seen(9000, 3600, pairs=labels(5400))

    told = judge(SETTINGS, [Stratum(0.1, stable, seen(1000, pairs=labels(1000)))])

    assert reading(told, "outputs").finding == FINE
    assert told.verdict == PROMOTE


def with_outcomes(stable: Moments, candidate: Moments) -> Stratum:
    plain = good()
    return Stratum(
        plain.weight,
        replace(plain.stable, outcomes={"right": stable}),
        replace(plain.candidate, outcomes={"right": candidate}),
    )


def tally(right: int, of: int) -> Moments:
    return Moments(of, right * 1000, right * 1_000_000)


OUTCOME = JudgeSettings(outcome="right", outcome_margin=0.05)


def test_a_declared_outcome_that_never_came_back_promotes_nothing() -> None:
    told = judge(OUTCOME, [good()])

    assert told.verdict == INCONCLUSIVE
    assert reading(told, "outcome").finding == OPEN
    assert reading(told, "outcome").told == (
        "right: candidate none yet, stable none yet; higher is better"
    )


def test_a_loss_of_accuracy_rolls_back() -> None:
    told = judge(OUTCOME, [with_outcomes(tally(8100, 9000), tally(700, 1000))])

    assert told.verdict == ROLL_BACK
    assert told.reason == "right: candidate 0.7 of 1,000, stable 0.9 of 9,000; higher is better"
    harm = reading(told, "outcome")
    assert harm.low is not None
    assert harm.high is not None
    assert OUTCOME.outcome_margin < harm.low < 0.2 < harm.high


def test_the_same_accuracy_is_promoted() -> None:
    assert judge(OUTCOME, [with_outcomes(tally(8100, 9000), tally(900, 1000))]).verdict == PROMOTE


def test_an_outcome_of_which_less_is_better_is_judged_the_other_way() -> None:
    lower = replace(OUTCOME, outcome_better="lower")
    less, more = tally(700, 1000), tally(8100, 9000)

    assert judge(lower, [with_outcomes(more, less)]).verdict == PROMOTE
    assert judge(lower, [with_outcomes(tally(900, 9000), tally(300, 1000))]).verdict == ROLL_BACK


def test_answers_that_were_counted_too_far_apart_promote_nothing() -> None:
    """Not proven to differ, at so few requests; and by no means the same."""
    shifted = {"": {"|a": 380, "|b": 620}}

    told = judge(
        SETTINGS, [Stratum(0.5, seen(1000, pairs=labels(1000)), seen(1000, pairs=shifted))]
    )

    assert reading(told, "errors").finding == FINE
    assert reading(told, "outputs").finding == OPEN
    assert told.verdict == INCONCLUSIVE
    assert told.reason == "not decided yet: outputs"


def test_answers_that_were_counted_alike_but_are_not_proven_near_promote_nothing() -> None:
    """It was a bug: who was truly too far away was let through by a lucky look of many."""
    few = Stratum(0.5, seen(250, pairs=labels(250)), seen(250, pairs=labels(250)))
    wide = replace(SETTINGS, error_margin=0.2, slow_margin=0.2)

    told = judge(wide, [few])

    words = "outputs: answers differ by 0 %, allowed 10 %"
    assert reading(told, "outputs").told == f"{words}, not proven yet"
    assert told.reason == "not decided yet: outputs"
    enough = judge(wide, [few, few])
    assert enough.verdict == PROMOTE
    assert reading(enough, "outputs").told == words


def test_an_outage_of_stable_in_one_step_makes_no_other_answers_of_the_candidate() -> None:
    """It was a bug: the share of errors was taken over all steps, and of all requests."""
    outage = Stratum(0.05, seen(9500, 4750, pairs=labels(4750)), seen(500, pairs=labels(500)))

    for strata in ([outage], [outage, good(0.5, 100_000)]):
        told = judge(SETTINGS, strata)
        assert reading(told, "outputs").evidence < 0
        assert told.verdict == PROMOTE


def test_a_candidate_that_takes_what_stable_refuses_does_not_answer_otherwise() -> None:
    stable = seen(5250, refusals=2250, pairs=labels(5250))

    told = judge(SETTINGS, [Stratum(0.25, stable, seen(2500, pairs=labels(2500)))])

    assert told.verdict == PROMOTE
