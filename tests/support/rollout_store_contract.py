"""What every store of rollouts must do; run over the fake, and over DynamoDB on the local AWS."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import uuid4

import pytest

from wherry.errors import ConflictError
from wherry_control.evidence.counts import Counts, Moments
from wherry_control.functions import Traffic
from wherry_control.judging.settings import JudgeSettings
from wherry_control.judging.verdicts import Judgement, Reading, Stratum
from wherry_control.ledger import Entry
from wherry_control.rollouts.plan import Plan, Step
from wherry_control.rollouts.state import Point, State, Transition
from wherry_control.rollouts.store import Kept, RolloutStore

AT = datetime(2026, 11, 20, 12, 30, 15, 250_000, tzinfo=UTC)
PLAN = Plan(
    steps=(Step(weight=12.345678, requests=7, minutes=0.5), Step(weight=50)),
    judge=JudgeSettings(alpha=0.01, outcome="clicked", outcome_range=(-1.0, 1.0)),
    at_deadline="hold",
)
COUNTS = Counts(
    requests=3,
    refusals=1,
    slow=1,
    errors={"model": 1},
    latency={"17": 2},
    outputs={"label": {"a": 2}},
    inputs={"x": {"0": 3}},
    pairs={"": {"|a": 2}},
    outcomes={"clicked": Moments(2, 1000, 1_000_000)},
)
JUDGEMENT = Judgement(
    "inconclusive",
    "errors: 1 of 3 — “open”",
    (Reading("errors", "open", 0.25, 3.0, 0.01, None, 0.125, "told"),),
)


def state(model: str = "iris", rollout: str = "r-1", **more: object) -> State:
    """A state in preflight; give only what the test is about."""
    defaults: dict[str, object] = {
        "rollout": rollout,
        "model": model,
        "function": f"wherry-dev-{model}",
        "stable": "1",
        "candidate": "2",
        "phase": "preflight",
        "started": AT,
        "since": AT,
    }
    return State(**{**defaults, **more})  # type: ignore[arg-type]  # fields by name


def full(model: str) -> State:
    """A state with something in every field."""
    return state(
        model,
        phase="held",
        step=1,
        held=AT + timedelta(minutes=3),
        paused=True,
        fix=True,
        reason="why",
        transitions=4,
        closed=(Stratum(0.123, COUNTS, Counts()),),
        judgement=JUDGEMENT,
        pending=Transition(
            "r-1/4", "hold", Traffic("1", "2", 12.5), "why", JUDGEMENT, Traffic("1")
        ),
        trail=(Point(AT, 12.5, {"errors": 0.083}),),
        digest="sha256:" + "a" * 64,
        checked=True,
        due=AT + timedelta(days=1),
        left=Traffic("1", "2", 12.5),
        revisions=("revision-0", "revision-1"),
        untold=(entry(model),),
    )


def entry(model: str) -> Entry:
    """One of the ledger that waits to be written."""
    return Entry(
        model,
        AT,
        "step",
        Traffic("1"),
        Traffic("1", "2", 12.5),
        "sha256:" + "a" * 64,
        "revision-1",
        rollout="r-1",
        key="r-1/3",
        numbers={"verdict": "promote", "readings": [{"low": None, "high": 0.5}]},
    )


class RolloutStoreContract:
    """A subclass gives the fixture `store`; models are named anew, as a table may be shared."""

    @pytest.fixture
    def model(self) -> str:
        return f"m-{uuid4().hex[:12]}"

    def test_a_model_without_a_rollout_has_none(self, store: RolloutStore, model: str) -> None:
        assert store.load(model) is None

    def test_a_plan_and_a_state_come_back_whole(self, store: RolloutStore, model: str) -> None:
        kept = store.save(store.create(PLAN, state(model)), full(model))

        assert store.load(model) == kept
        assert (kept.plan, kept.state) == (PLAN, full(model))

    def test_of_two_that_read_the_same_only_the_first_saves(
        self, store: RolloutStore, model: str
    ) -> None:
        kept = store.create(PLAN, state(model))
        store.save(kept, replace(kept.state, reason="first"))

        with pytest.raises(ConflictError):
            store.save(kept, replace(kept.state, reason="second"))

        assert _loaded(store, model).state.reason == "first"

    def test_writers_at_once_are_all_told_and_one_wins(
        self, store: RolloutStore, model: str
    ) -> None:
        kept = store.create(PLAN, state(model))

        def save(number: int) -> bool:
            try:
                store.save(kept, replace(kept.state, step=number))
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(save, range(8))) == 1

    def test_another_rollout_begins_only_when_the_last_one_is_done(
        self, store: RolloutStore, model: str
    ) -> None:
        kept = store.create(PLAN, state(model))

        with pytest.raises(ConflictError, match="r-1 of release 2 has not ended"):
            store.create(PLAN, state(model, "r-2"))

        pending = Transition("r-1/1", "rollback", Traffic("1"), "why")
        ended = replace(kept.state, phase="rolled_back", pending=pending)
        kept = store.save(kept, ended)
        with pytest.raises(ConflictError):
            store.create(PLAN, state(model, "r-2"))

        store.save(kept, replace(ended, pending=None))
        assert store.create(PLAN, state(model, "r-2")).state.rollout == "r-2"

    def test_what_was_read_of_an_old_rollout_never_fits_a_new_one(
        self, store: RolloutStore, model: str
    ) -> None:
        first = store.create(PLAN, state(model))
        ended = store.save(first, replace(first.state, phase="promoted"))
        store.create(PLAN, state(model, "r-2"))

        for old in (first, ended):
            with pytest.raises(ConflictError):
                store.save(old, first.state)

        assert _loaded(store, model).state.rollout == "r-2"

    def test_a_lease_is_one_holder_s_until_it_runs_out(
        self, store: RolloutStore, model: str
    ) -> None:
        store.create(PLAN, state(model))

        assert store.acquire(model, "a", AT, 10)
        assert not store.acquire(model, "b", AT + timedelta(seconds=9.75), 10)
        assert store.acquire(model, "b", AT + timedelta(seconds=10), 10)
        assert not store.acquire(model, "a", AT + timedelta(seconds=19), 10)

    def test_its_holder_may_renew_a_lease(self, store: RolloutStore, model: str) -> None:
        store.create(PLAN, state(model))
        store.acquire(model, "a", AT, 10)

        assert store.acquire(model, "a", AT + timedelta(seconds=5), 10)
        assert not store.acquire(model, "b", AT + timedelta(seconds=12), 10)

    def test_only_its_holder_gives_a_lease_back(self, store: RolloutStore, model: str) -> None:
        store.create(PLAN, state(model))
        store.acquire(model, "a", AT, 10)

        store.release(model, "b")
        assert not store.acquire(model, "b", AT, 10)
        store.release(model, "a")
        assert store.acquire(model, "b", AT, 10)

    def test_when_a_lease_was_last_taken_is_known_after_it_was_given_back(
        self, store: RolloutStore, model: str
    ) -> None:
        store.create(PLAN, state(model))
        assert _loaded(store, model).ticked is None

        store.acquire(model, "a", AT, 10)
        store.acquire(model, "b", AT + timedelta(seconds=1), 10)
        store.release(model, "a")

        assert _loaded(store, model).ticked == AT

    def test_a_lease_says_nothing_of_the_state(self, store: RolloutStore, model: str) -> None:
        assert store.acquire(model, "a", AT, 10)
        assert store.load(model) is None
        kept = store.create(PLAN, state(model))
        store.release(model, "a")

        assert store.load(model) == kept

    def test_a_lease_holds_in_every_time_zone(self, store: RolloutStore, model: str) -> None:
        store.create(PLAN, state(model))
        store.acquire(model, "a", AT, 10)
        elsewhere = AT.astimezone(timezone(timedelta(hours=5)))

        assert not store.acquire(model, "b", elsewhere, 10)


def _loaded(store: RolloutStore, model: str) -> Kept:
    kept = store.load(model)
    assert kept is not None
    return kept
