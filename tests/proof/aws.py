"""
`python -m tests.proof.aws --messages 10000 --rows 200000`: a real run of queue and batch on a local
AWS, in which workers are killed at random until all is done; then every message and row is counted.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table

from tests.proof import rows as batch
from tests.proof import sent
from tests.proof.killing import Killer
from tests.proof.rows import RowCounts
from tests.proof.sent import MessageCounts
from tests.proof.world import World, deployed
from tests.support.containers import base_image_or_skip, engine_or_skip
from wherry_control.queueing.moving import redrive

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 900.0
RUNS = 10  # how often a batch that ended incomplete is started at most

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much is sent, and for how many seconds a worker lives on average."""

    messages: int
    rows: int
    life: float = 8
    seed: int = 20261126


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`redriven` are messages that were given back, `runs` how often the batch was started."""

    messages: MessageCounts
    rows: RowCounts
    killed: dict[str, int]
    redriven: int
    runs: int
    seconds: float

    @property
    def holds(self) -> bool:
        return self.messages.hold and self.rows.hold


def prove(world: World, size: Size, say: Say = lambda _: None) -> Outcome:
    """Send, kill, give back, and count."""
    messages = sent.rows_of(size.messages, size.seed)
    rows = sent.rows_of(size.rows, size.seed + 1)
    say("writing the objects of the batch")
    batch.put(world, rows)
    engine, label = world.engine()
    began = time.monotonic()
    with (
        ThreadPoolExecutor(1) as pool,
        Killer(engine, label, life=size.life, seed=size.seed) as killer,
    ):
        run = pool.submit(_batch, world)
        sent.send(world, messages)
        say(f"{size.messages} messages are sent")
        redriven = _drained(world, run, say)
    seconds = time.monotonic() - began
    say("counting")
    return Outcome(
        messages=sent.count(world, messages),
        rows=batch.count(world, rows),
        killed=dict(killer.killed),
        redriven=redriven,
        runs=run.result(),
        seconds=round(seconds, 1),
    )


def _batch(world: World) -> int:
    """Start it, and again while it is not complete, as its user would; return how often."""
    for runs in range(1, RUNS + 1):
        done = world.run(*batch.command(world))
        if done.code == 0:
            return runs
    raise AssertionError(f"{RUNS} runs were not enough\n{done.out}{done.err}")


def _drained(world: World, run: Future[int], say: Say) -> int:
    """Return when nothing is left; what was laid aside is given back when the rest is done."""
    end, moved = time.monotonic() + PATIENCE_SECONDS, 0
    queues, places = world.queues, world.places
    while time.monotonic() < end:
        left, dead = queues.depth(places.messages), queues.depth(places.dead)
        say(f"{left.waiting} wait, {left.in_flight} in flight, {dead.waiting} laid aside")
        if not (left.waiting or left.in_flight):
            if not dead.waiting and not dead.in_flight and run.done():
                return moved
            moved += redrive(queues, places.dead, places.messages, lambda _: None)
        time.sleep(POLL_SECONDS)
    raise AssertionError(f"not done after {PATIENCE_SECONDS:g} s")


def table(outcome: Outcome) -> Table:
    """Two columns: what came of messages, and of rows."""
    made = Table("", "messages", "rows", title=f"after {outcome.seconds:g} s")
    told, rows = outcome.messages, outcome.rows
    lines = [
        ("in", told.sent, rows.rows),
        ("predicted", told.answered, rows.predicted),
        ("refused", told.refused, rows.refused),
        ("missing", told.missing, rows.missing),
        ("wrong or doubled", told.wrong, rows.wrong),
        ("told again, the same", told.repeats, 0),
        ("workers killed", outcome.killed.get("queue", 0), outcome.killed.get("batch", 0)),
        ("given back / started", outcome.redriven, outcome.runs),
    ]
    for name, *values in lines:
        made.add_row(name, *(f"{value:,}" for value in values))
    return made


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof.aws", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--life", type=float, default=Size.life, help="seconds, of a worker")
    parser.add_argument("--seed", type=int, default=Size.seed)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    size = Size(messages=asked.messages, rows=asked.rows, life=asked.life, seed=asked.seed)
    talk = Console(stderr=True)
    with deployed(base_image_or_skip(engine_or_skip())) as world:
        outcome = prove(world, size, talk.print)
    if asked.json:
        Console().print_json(data={**asdict(outcome), "holds": outcome.holds})
    else:
        Console().print(table(outcome))
    return 0 if outcome.holds else 1


if __name__ == "__main__":
    sys.exit(main())
