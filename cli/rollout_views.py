"""What people see of a rollout, in 80 columns: `status`, each frame of `watch`, and `history`."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from cli.output import Table, View
from cli.rollout_readings import WIDTH, bar, numbers, readings, wrapped
from cli.views import short

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wherry_control.evidence.counts import Counts
    from wherry_control.ledger import Entry
    from wherry_control.rollouts.janitor import Pruning
    from wherry_control.rollouts.plan import Plan
    from wherry_control.rollouts.report import Report
    from wherry_control.rollouts.state import State

BAR = 24
SHOWN = 6  # bins of the answers
HISTORY_SHOWN = 10
PERCENT = 100


def status(told: "Report") -> View:
    """Where traffic goes, the rollout if there is one, the releases, the newest entries."""
    newest = told.history[-HISTORY_SHOWN:]
    releases = [
        (
            item.release,
            str(item.model_version or "-"),
            short(item.digest),
            item.role_in(told.live),
        )
        for item in told.releases
    ]
    return [
        f"{told.model}: {told.live}",
        *_rollout(told),
        Table(("release", "model version", "digest", "role"), releases),
        _moves(newest),
        *(line for item in newest for line in _why(item)),
    ]


def history(entries: "Sequence[Entry]") -> View:
    """The ledger: each move, why it was made, and the numbers behind it."""
    return [
        _moves(entries),
        *(line for item in entries for line in (*_why(item), *numbers(item.numbers))),
    ]


def headline(told: "Report") -> str:
    """One line: it changes when something has happened."""
    state = told.state
    if state is None:
        return f"{told.model}: {told.live}"
    reason = f": {state.reason}" if state.reason and state.phase != "step" else ""
    return f"{told.model}: {_phase(told)}, {told.live}{reason}"


def frame(told: "Report", now: datetime) -> View:
    """The whole picture at this moment."""
    state = told.state
    if state is None:
        return [headline(told), "no rollout was ever started here"]
    return [
        f"{told.model}: {_phase(told)}, for {_span(now, state.since)}",
        *wrapped(state.reason),
        "",
        *_weights(told),
        "",
        _sides(told, state),
        *readings(state.judgement.readings if state.judgement else ()),
        *_answers(told),
        *(line for each in told.missing for line in wrapped(f"waiting for evidence: {each}")),
        *idle(told),
    ]


def plan(told: "Plan", state: "State") -> View:
    """What `wherry rollout start` would do; a first release has nothing to be tried against."""
    steps = [
        (str(number), f"{step.weight:g} %", f"{step.requests:,}", f"{step.minutes:g}")
        for number, step in enumerate(told.steps, 1)
    ]
    end = "held" if told.at_deadline == "hold" else "rolled back"
    late = f"{told.deadline_minutes:g} minutes"
    first = state.stable == state.candidate
    then = "; nothing moves either way. The next release:" if first else ", then"
    return [
        f"{state.model}: would try {state.reason}",
        f"preflight with {told.smoke_requests} requests{then}",
        *([Table(("step", "to the candidate", "requests", "minutes"), steps)] if steps else []),
        f"then all of it. Not there after {late}: {end}",
    ]


def state(told: "State", *, dry_run: bool = False) -> View:
    """What a command made of a rollout, or would."""
    verb = told.phase.replace("_", " ") + (", paused" if told.paused else "")
    if dry_run:
        return [f"{told.model}: would be {verb}: {told.reason}; {told.expected}"]
    lines = [f"{told.model}: {verb}: {told.reason}"]
    return lines if told.ended else [*lines, f"Look at it: `wherry rollout watch {told.model}`."]


def pruned(told: "Pruning", *, dry_run: bool) -> View:
    """Which releases go, and why the others stay."""
    verb = "would go" if dry_run else "gone"
    rows = [*((name, verb) for name in told.goes), *told.kept.items()]
    return [Table(("release", "what becomes of it"), sorted(rows, key=lambda row: int(row[0])))]


def _rollout(told: "Report") -> Iterator[str]:
    state = told.state
    if state is None:
        return
    reason = f" ({state.reason})" if state.reason else ""
    yield from wrapped(f"rollout {state.rollout}: {_phase(told)}{reason}")
    yield from idle(told)


def idle(told: "Report") -> "Sequence[str]":
    """That nobody ticks the rollout, and what to do; nothing while somebody does."""
    from wherry_control.rollouts.report import nobody_ticks

    return wrapped(nobody_ticks(told))


def _phase(told: "Report") -> str:
    state, plan = told.state, told.plan
    if state is None or plan is None:
        return "at rest"
    if state.phase == "step":
        step = plan.steps[state.step]
        held = ", paused" if state.paused else ""
        return f"step {state.step + 1} of {len(plan.steps)} ({step.weight:g} %){held}"
    return state.phase.replace("_", " ")


def _weights(told: "Report") -> Iterator[str]:
    live = told.live
    shares = {live.stable: PERCENT - live.weight}
    if live.candidate is not None:
        shares[live.candidate] = live.weight
    for release, share in shares.items():
        yield f"release {release:<4} {share:5.4g} % {bar(share / PERCENT, WIDTH - BAR)}"


def _sides(told: "Report", state: "State") -> Table:
    head = ("", "requests", "errors", "slow", "p50 ms", "p99 ms")
    sides = {
        f"stable {state.stable}": told.stable,
        f"candidate {state.candidate}": told.candidate,
    }
    return Table(head, [(name, *_side(counts)) for name, counts in sides.items()])


def _side(counts: "Counts") -> tuple[str, ...]:
    from wherry_control.evidence.latency import quantile

    times = [quantile(counts.latency, share) for share in (0.5, 0.99)]
    return (
        f"{counts.requests:,}",
        _part(counts.failed, counts.requests),
        _part(counts.slow, counts.requests),
        *("-" if time is None else f"{time:.3g}" for time in times),
    )


def _answers(told: "Report") -> Iterator[Table]:
    name = next(iter(told.stable.outputs or told.candidate.outputs), None)
    if name is None:
        return
    ours, theirs = (each.outputs.get(name, {}) for each in (told.stable, told.candidate))
    both = sorted({*ours, *theirs}, key=lambda each: -ours.get(each, 0) - theirs.get(each, 0))
    shown = sorted(both[:SHOWN])  # so that they keep their places
    rows = [(each, _share(each, ours), _share(each, theirs)) for each in shown]
    yield Table((name, "stable", "candidate"), rows)


def _share(name: str, bins: Mapping[str, int]) -> str:
    total = sum(bins.values())
    return f"{bins.get(name, 0) / total:.1%}" if total else "-"


def _part(some: int, of: int) -> str:
    return f"{some:,} ({some / of:.2%})" if of else "-"


def _span(now: datetime, since: datetime) -> str:
    seconds = max(0, int((now - since).total_seconds()))
    hours, rest = divmod(seconds, 3600)
    return f"{hours} h {rest // 60} min" if hours else f"{rest // 60} min {rest % 60:02} s"


def _moves(entries: "Sequence[Entry]") -> Table:
    rows = [
        (str(item.sequence), f"{item.at:%Y-%m-%d %H:%M:%S}", item.action, str(item.after))
        for item in entries
    ]
    return Table(("entry", "at (UTC)", "action", "traffic after"), rows)


def _why(item: "Entry") -> list[str]:
    return wrapped(f"{item.sequence}: {item.reason}") if item.reason else []
