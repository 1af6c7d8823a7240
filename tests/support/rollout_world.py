"""A world for rollouts: Lambda, ledger, store in memory, and a clock that only the test moves."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from tests.support.fake_lambda import FakeLambda
from tests.support.fake_ledger import FakeLedger
from tests.support.rollout_gate import Gate, Gated, Killed, Past
from tests.support.rollout_store import FakeRollouts
from wherry.errors import CloudError, RefusedError
from wherry_control.controller import Rollouts
from wherry_control.evidence.counts import Counts, Evidence
from wherry_control.functions import FunctionVersion, Traffic
from wherry_control.judging.judge import judge
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement, Stratum
from wherry_control.rollouts.controller import RolloutController
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.runner import Runner
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import LEASE

FUNCTION: Final = "wherry-dev-iris"
START: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
PLAN: Final = Plan(steps=(Step(weight=10, minutes=0), Step(weight=50, minutes=0)))


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


class World:
    """One model with three releases, of which 1 is live."""

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
        self.ticked: list[str] = []  # the rollouts that somebody was set to tick
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

    def runner(self, gate: Gate) -> Runner:
        """Whoever sees to it that somebody ticks."""
        gated: Any = Gated(Ticking(self.ticked), gate, self._past)
        return gated

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


def started(world: World, **more: Any) -> RolloutController:
    """A controller that has begun a rollout of release 2."""
    controller = world.controller()
    controller.start("iris", world.plan, **{"candidate": "2", **more})
    return controller


def to_the_end(world: World, controller: RolloutController) -> None:
    """Tick once a minute until the rollout is done."""
    while not controller.tick("iris").done:
        world.later()


class Ticking:
    """A state machine that begins what does not run yet."""

    def __init__(self, begun: list[str]) -> None:
        self._begun = begun

    def begin(self, rollout: str, _model: str, *, idle: bool = False) -> None:
        if idle or rollout not in self._begun:
            self._begun.append(rollout)


class NoMinutes:
    """A store of evidence that nobody wrote to."""

    def add(self, _flush: Any) -> bool:
        return True

    def minutes(self, *_given: Any) -> tuple[()]:
        return ()
