"""What people see of a model's queues, in 80 columns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cli.output import Table, View

if TYPE_CHECKING:
    from wherry_control.queueing.queues import Depth, Held

BODY_SHOWN = 60


def stats(model: str, depths: Mapping[str, "Depth"]) -> View:
    """How full each queue is, and what to do where something was laid aside."""
    rows = [
        (name, str(depth.waiting), str(depth.in_flight), str(depth.delayed))
        for name, depth in depths.items()
    ]
    dead = depths["dead"].waiting
    todo = [
        f"{dead} were laid aside: `wherry queue peek {model}` shows them,",
        f"`wherry queue redrive {model}` gives them back",
    ]
    return [Table(("queue", "waiting", "in flight", "delayed"), rows), *(todo if dead else [])]


def peek(held: Sequence["Held"]) -> View:
    if not held:
        return ["nothing is there"]
    rows = [
        (each.message.id, _time(each.sent), str(each.receives), _short(each.message.body))
        for each in held
    ]
    return [Table(("id", "sent", "receives", "body"), rows)]


def moved(count: int, left: int) -> View:
    more = f"; about {left} are left" if left else ""
    return [f"{count} messages are given back{more}"]


def would_move(depth: "Depth") -> View:
    return [f"about {depth.waiting} messages would be given back"]


def sent(ids: Sequence[str], *, dry_run: bool) -> View:
    return [f"would send {name}" if dry_run else f"sent {name}" for name in ids]


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _short(body: str) -> str:
    line = " ".join(body.split())
    return line if len(line) <= BODY_SHOWN else f"{line[: BODY_SHOWN - 1]}…"
