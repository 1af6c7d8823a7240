"""What people see of a model's queues, in 80 columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from cli.output import Table, View

if TYPE_CHECKING:
    from wherry_control.queueing.amqp_worker import Counts
    from wherry_control.queueing.queues import Depth, Held

LINE = 66  # columns beside a spinner and its word
ROW = 70  # of the three cells of a row, beside what is drawn between them
ID, TIME = 36, 14  # as long as a UUID, and as a time
ANSWERS = ("prediction", "predictions", "outputs")


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


def peek(held: Sequence["Held"], of: str = "dead") -> View:
    """One line a message: of a result what was answered, of what was laid aside what was asked."""
    if not held:
        return ["nothing is there"]
    if of == "results":
        return [_table(("id", "status", "answer"), map(_result, held))]
    rows = ((each.message.id, _time(each.sent), each.message.body) for each in held)
    return [_table(("id", "sent", "body"), rows)]


def moved(count: int, left: int) -> View:
    more = f"; about {left} are left" if left else ""
    return [f"{count} messages are given back{more}"]


def would_move(depth: "Depth") -> View:
    return [f"about {depth.waiting} messages would be given back"]


def sent(ids: Sequence[str], *, dry_run: bool) -> View:
    return [f"would send {name}" if dry_run else f"sent {name}" for name in ids]


def worked(counts: "Counts", pace: float) -> View:
    """What a worker has done in the end; `pace` is messages a second, 0 where it is not known."""
    if not counts.messages:
        return [", ".join(_beside(counts)) or "no message was waiting"]
    whole = f"{_of(counts.messages, 'message')} in {_of(counts.batches, 'call')} of the model"
    fast = [f"{pace:,.0f} a second"] if pace else []
    return [", ".join([whole, *fast]), *filter(None, [", ".join(_beside(counts))])]


def working(counts: "Counts", pace: float) -> str:
    """The same on the way: as much as one line holds, and what needs a person first."""
    fast = [f"{pace:,.0f}/s"] if pace else []
    words = [_of(counts.messages, "message"), *fast, *_beside(counts)]
    while len(line := ", ".join(words)) > LINE:
        words.pop()
    return line


def _beside(counts: "Counts") -> list[str]:
    """All but what went well, with what needs a person first."""
    told = {
        "laid aside": counts.dead,
        "refused": counts.refused,
        "failed tries": counts.failed,
        "connections lost": counts.lost,
        "answered before and told again": counts.repeated,
    }
    return [f"{count:,} {name}" for name, count in told.items() if count]


def _of(count: int, name: str) -> str:
    return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"


def _result(held: "Held") -> tuple[str, str, str]:
    """Its id, its status, and what it says beside who said it."""
    name, body = held.message.id, held.message.body
    try:
        told = json.loads(body)
        status, result = str(told["status"]), told.get("result")
    except (ValueError, TypeError, KeyError, AttributeError):
        return name, "-", body  # somebody else's
    if not isinstance(result, dict):
        return name, status, str(told.get("error") or told.get("claim") or body)
    answer = next((result[key] for key in ANSWERS if key in result), result)
    return name, status, json.dumps(answer, ensure_ascii=False)


def _table(columns: tuple[str, str, str], rows: Iterable[tuple[str, str, str]]) -> Table:
    """The last column has what the others leave of a line."""
    cut = [(_short(name, ID), _short(middle, TIME), last) for name, middle, last in rows]
    used = (max(len(columns[at]), *(len(row[at]) for row in cut)) for at in (0, 1))
    left = ROW - sum(used)
    return Table(columns, [(name, middle, _short(last, left)) for name, middle, last in cut])


def _time(moment: datetime) -> str:
    return f"{moment:%m-%d %H:%M:%S}"


def _short(text: str, most: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
