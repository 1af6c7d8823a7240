"""
A world for rollouts in which every call to AWS may go wrong: Lambda, ledger and store in memory.

Each call of a controller passes a gate. The gate counts it, and does to it what the test asked for:
kill the controller before it or right after its effect, lose the answer, throttle, tell the past,
or let somebody else act in the middle of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_ledger import FakeLedger
from tests.support.rollout_store import FakeRollouts
from wherry.errors import CloudError, RefusedError
from wherry_control.controller import Rollouts
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.judging.judge import judge
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement, Stratum
from wherry_control.rollouts.controller import LEASE, RolloutController
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.state import State

FUNCTION: Final = "wherry-dev-iris"
START: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIE_BEFORE, DIE_AFTER, LOST, THROTTLED, STALE, ANCIENT = (
    "die before",
    "die after",
    "lost reply",
    "throttled",
    "stale read",
    "ancient read",
)
FAULTS: Final = (DIE_BEFORE, DIE_AFTER, LOST, THROTTLED, STALE, ANCIENT)
PLAN: Final = Plan(steps=(Step(weight=10, minutes=0), Step(weight=50, minutes=0)))


class Killed(BaseException):
    """The process is gone: no `except` of its own sees this."""


def good(weight: float) -> Evidence:
    """So many requests that a candidate without fault is proven at any weight."""
    whole = 100_000
    ours = int(whole * weight / 100)
    return Evidence(_answered(whole - ours), _answered(ours))


def bad(weight: float) -> Evidence:
    """Half of the candidate's answers are errors."""
    told = good(weight)
    errors = {"model": told.candidate.requests // 2}
    return replace(told, candidate=replace(told.candidate, errors=errors))


def nothing(_weight: float) -> Evidence:
    return Evidence()


def _answered(requests: int) -> Counts:
    return Counts(requests, pairs={"": {"|a": requests}} if requests else {})


@dataclass
class Gate:
    """What happens to the calls that pass: `faults` by number, `meanwhile` in the middle of one."""

    faults: Mapping[int, str] = field(default_factory=dict)
    meanwhile: Mapping[int, Callable[[], None]] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    dead: bool = False

    def enter(self, name: str) -> str:
        """Count the call; return what is to happen to it."""
        if self.dead:
            raise Killed
        number = len(self.names)
        self.names.append(name)
        if number in self.meanwhile:
            self.meanwhile[number]()
        fault = self.faults.get(number, "")
        if fault == DIE_BEFORE:
            self._die()
        if fault == THROTTLED:
            raise CloudError(name, "AWS limits these requests for now")
        return fault

    def leave(self, name: str, fault: str) -> None:
        if fault == DIE_AFTER:
            self._die()
        if fault == LOST:
            raise CloudError(name, "no answer from AWS")

    def _die(self) -> None:
        self.dead = True
        raise Killed


class Gated:
    """All methods of `target`, through the gate; what `past` knows may be told too late."""

    def __init__(self, target: Any, gate: Gate, past: "Past") -> None:
        self._target = target
        self._gate = gate
        self._past = past

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            fault = self._gate.enter(name)
            told = getattr(self._target, name)(*given, **named)
            self._past.remember()
            self._gate.leave(name, fault)
            return self._past.told(name, fault, told)

        return call


class Past:
    """What could be read so far, so that a read can be late by one change or by all of them."""

    def __init__(self, reads: Mapping[str, Callable[[], Any]]) -> None:
        self._reads = reads
        self.seen: dict[str, list[Any]] = {name: [] for name in reads}
        self.remember()

    def remember(self) -> None:
        for name, read in self._reads.items():
            now, seen = read(), self.seen[name]
            if now is not None and seen[-1:] != [now]:
                seen.append(now)

    def told(self, name: str, fault: str, now: Any) -> Any:
        seen = self.seen.get(name, [])
        if len(seen) < 2 or fault not in (STALE, ANCIENT):
            return now
        return seen[-2] if fault == STALE else seen[0]


class World:
    """One model with three releases, of which 1 is live, and a clock that only the test moves."""

    def __init__(
        self, evidence: Callable[[float], Evidence] = good, *, plan: Plan = PLAN, refuses: str = ""
    ) -> None:
        self.now = START
        self.plan = plan
        self.functions = FakeLambda(FUNCTION)
        for version in ("1", "2", "3"):
            environment = {"WHERRY_DIGEST": f"sha256:{version:0>64}"}
            self.functions.publish(FunctionVersion(version, environment=environment))
        self.ledger = FakeLedger()
        self.store = FakeRollouts()
        self.refuses = refuses
        self.preflights: list[str] = []
        self._evidence = evidence
        self._workers = 0
        self._past = Past(
            {
                "live": lambda: self.functions.live(FUNCTION),
                "load": lambda: self.store.load("iris"),
            }
        )

    def controller(self, gate: Gate | None = None) -> RolloutController:
        """A new worker, as a new process is one."""
        self._workers += 1
        gate = gate or Gate()
        seam: dict[str, Any] = {
            name: Gated(target, gate, self._past)
            for name, target in (
                ("functions", self.functions),
                ("ledger", self.ledger),
                ("store", self.store),
            )
        }
        other = Gated(self, gate, self._past)
        return RolloutController(
            **seam,
            evidence=NoMinutes(),
            gather=other.gathered,
            preflight=other.preflight,
            function="wherry-dev-{}".format,
            clock=self.clock,
            judge=remembered,
            holder=f"worker-{self._workers}",
        )

    def by_hand(self) -> Rollouts:
        """The commands that need no plan."""
        return Rollouts(
            functions=self.functions,
            ledger=self.ledger,
            check=lambda _model, _function, _release: None,
            function="wherry-dev-{}".format,
            clock=self.clock,
            store=self.store,
        )

    def clock(self) -> datetime:
        return self.now

    def later(self, seconds: float = 60) -> None:
        self.now += timedelta(seconds=seconds)

    def gathered(self, *_given: Any) -> Evidence:
        return self._evidence(self.traffic.weight)

    def preflight(self, _plan: Plan, state: State) -> None:
        self.preflights.append(state.candidate)
        if self.refuses:
            raise RefusedError("release 2 of iris", self.refuses)

    @property
    def traffic(self) -> Traffic:
        return self.functions.live(FUNCTION).traffic

    @property
    def state(self) -> State:
        kept = self.store.load("iris")
        assert kept is not None
        return kept.state

    @property
    def history(self) -> list[tuple[str, Traffic]]:
        return [(entry.action, entry.after) for entry in self.ledger.entries("iris")]

    @property
    def last_action(self) -> str:
        return self.history[-1][0] if self.history else ""

    def seen(self, read: str) -> list[Any]:
        """All that could be read so far, oldest first."""
        return self._past.seen[read]

    def hand(self, wanted: Traffic) -> None:
        """Somebody moves the alias in the AWS console."""
        live = self.functions.live(FUNCTION)
        self.functions.move(FUNCTION, wanted, revision=live.revision)


class Operator:
    """Whoever repeats a command until it is done, in a new process when one was killed."""

    def __init__(self, world: World, gate: Gate) -> None:
        self._world = world
        self._gate = gate
        self._controller = world.controller(gate)

    def does(self, command: Callable[[RolloutController], Any], attempts: int = 12) -> Any:
        """The command's result; None if a refusal says that it was done before."""
        for _ in range(attempts):
            try:
                return command(self._controller)
            except Killed:
                self._gate.dead = False
                self._controller = self._world.controller(self._gate)
                self._world.later(LEASE)
            except RefusedError:
                return None
            except CloudError:
                self._world.later()
        raise AssertionError("it never came to an end")


def remembered(settings: JudgeSettings, strata: Sequence[Stratum], **named: Any) -> Judgement:
    """The judge, who need not think twice about the same: thousands of rollouts are alike."""
    seen = [
        (each.weight, side.requests, side.failed)
        for each in strata
        for side in (each.stable, each.candidate)
    ]
    key = (settings, tuple(seen), tuple(named.items()))
    if key not in _judgements:
        _judgements[key] = judge(settings, strata, **named)
    return _judgements[key]


_judgements: dict[Any, Judgement] = {}


class NoMinutes:
    """A store of evidence that nobody wrote to."""

    def add(self, _flush: Any) -> bool:
        return True

    def minutes(self, *_given: Any) -> tuple[()]:
        return ()
