"""
The choice: a pure function of what was measured and of what was asked for.

A candidate must pass the gates, and be better than fp32 by a margin that noise does not explain. Of
those that are as good as the best, the simplest wins: candidates come in that order. Slower ones
are never chosen, however small.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.preparation.optimizing.measured import BASE, Candidate, Quality, Speed, Timing
from models.preparation.optimizing.subject import OptimizeOptions

AGREEMENT = 0.99  # with fp32, where the truth is not known
SIGNIFICANT = 0.05
Key = Callable[[Candidate], float]


@dataclass(frozen=True)
class Choice:
    """`reasons`: why each, by name, was dropped, or chosen."""

    name: str
    reasons: dict[str, str]


def choose(candidates: Sequence[Candidate], options: OptimizeOptions) -> Choice:
    """The first of `candidates` is fp32, which is kept when none wins."""
    base, *others = candidates
    judge = _Judge(base, options)
    reasons = {each.name: judge.fault(each) for each in others}
    fit = [each for each in others if reasons[each.name] is None]
    best, why = judge.best(fit)
    told = {
        name: reason or judge.no_gain(_named(others, name), best)
        for name, reason in reasons.items()
    }
    if best is None:
        return Choice(BASE, {BASE: "kept: nothing is better within the gates", **told})
    return Choice(best.name, {BASE: f"{best.name} is better", **told, best.name: f"chosen: {why}"})


def _named(candidates: Sequence[Candidate], name: str) -> Candidate:
    return next(each for each in candidates if each.name == name)


class _Judge:
    """What fp32 does, and what is wanted."""

    def __init__(self, base: Candidate, options: OptimizeOptions) -> None:
        self._options = options
        self._gain = options.min_gain
        self._speed, self._quality, self._size = _figures(base)

    def fault(self, one: Candidate) -> str | None:
        """Why it is out; None if it is within the gates, and no slower."""
        if one.reason is not None or one.quality is None:
            return one.reason
        if one.kind == "exact":
            reason = self._is_off(one.quality)
        elif one.quality.drop is None:
            reason = _differs(one.quality)
        else:
            reason = self._is_worse(one.quality, one.quality.drop)
        return reason or self._is_slower(one)

    def best(self, fit: Sequence[Candidate]) -> tuple[Candidate | None, str]:
        """The best of those within the gates, by the first measure in which there is a gain."""
        for gains, keys, what in self._measures():
            found = [each for each in fit if gains(each)]
            if found:
                for key in keys:
                    least = min(map(key, found))
                    found = [each for each in found if key(each) <= least * (1 + self._gain)]
                return found[0], f"{what}: {self._told(found[0])}"
        return None, ""

    def no_gain(self, one: Candidate, best: Candidate | None) -> str:
        if best is not None and any(gains(one) for gains, _, _ in self._measures()):
            return f"good, but no better than {best.name}: {self._told(one)}"
        return f"no gain of {self._gain:.0%}: {self._told(one)}"

    def _measures(self) -> list[tuple[Callable[[Candidate], bool], tuple[Key, Key], str]]:
        time, size, load = self._time, self._share, self._load
        faster = (lambda one: self._is_less(self._timing(one)), (time, size), "faster")
        smaller = (lambda one: size(one) <= 1 - self._gain, (size, time), "smaller")
        sooner = (
            lambda one: self._is_less(_speed(one).load) and size(one) <= 1 + self._gain,
            (load, size),
            "sooner loaded",
        )
        asked = [faster, smaller] if self._options.prefer == "latency" else [smaller, faster]
        return [*asked, sooner]

    def _is_off(self, told: Quality) -> str | None:
        allowed = self._options.tolerance
        if told.agreement < 1 and told.max_error <= allowed:
            return f"{1 - told.agreement:.2%} of the labels differ from those of fp32"
        if not told.max_error <= allowed:
            return f"it is off by {told.max_error:.2g}, where {allowed:.2g} is allowed"
        return None

    def _is_worse(self, told: Quality, drop: float) -> str | None:
        name, now = next(iter(told.metrics.items()))
        was, allowed = self._quality.metrics[name], self._options.metric_drop
        fell = f"{name} falls from {was:.4f} to {now:.4f} on {told.rows} rows"
        if drop > allowed:
            return f"{fell}, where {allowed:g} is allowed"
        if told.p_worse is not None and drop > 0 and told.p_worse < SIGNIFICANT:
            return f"{fell}, which is no chance (p = {told.p_worse:.2g})"
        return None

    def _is_slower(self, one: Candidate) -> str | None:
        timing, base = self._timing(one), self._timing_of(self._speed)
        if timing.ratio < 1 + self._gain or timing.lower <= 1:
            return None
        return (
            f"{timing.ratio:.1f} times as slow ({timing.p50:.3g} against {base.p50:.3g} ms a row)"
        )

    def _is_less(self, timing: Timing) -> bool:
        return timing.ratio <= 1 - self._gain and timing.upper < 1

    def _told(self, one: Candidate) -> str:
        told = f"{self._time(one):.2f} x the time, {self._share(one):.2f} x the size"
        return f"{told}, {self._load(one):.2f} x the load"

    def _timing_of(self, speed: Speed) -> Timing:
        return speed.at(self._options.threads)

    def _timing(self, one: Candidate) -> Timing:
        return self._timing_of(_speed(one))

    def _time(self, one: Candidate) -> float:
        return self._timing(one).ratio

    def _share(self, one: Candidate) -> float:
        return _figures(one)[2] / self._size

    def _load(self, one: Candidate) -> float:
        return _speed(one).load.ratio


def _differs(told: Quality) -> str | None:
    if told.agreement >= AGREEMENT:
        return None
    return (
        f"it agrees with fp32 by {told.agreement:.4f} on {told.rows} rows, {AGREEMENT} is wanted "
        "where the truth is not known"
    )


def _speed(one: Candidate) -> Speed:
    return _figures(one)[0]


def _figures(one: Candidate) -> tuple[Speed, Quality, int]:
    if one.speed is None or one.quality is None or one.size is None:
        raise AssertionError(one.name)
    return one.speed, one.quality, one.size
