"""`wherry queue stats|peek|redrive|send|work`."""

import os
from collections.abc import Sequence
from mimetypes import guess_type
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import uuid4

import typer

from cli import queue_views as views
from cli.call import Call, command, help_examples
from cli.commands import queue_work
from cli.commands.serve import ModelName
from wherry.errors import UsageError

if TYPE_CHECKING:
    from wherry_control.queueing.places import Places
    from wherry_control.queueing.queues import Queues

Of = Annotated[Literal["dead", "results"], typer.Option("--of", help="Which queue to look into.")]
Most = Annotated[int, typer.Option("--most", min=1, max=1000, help="Show at most so many.")]
Wait = Annotated[
    float, typer.Option("--wait", min=0, help="Seconds to wait until --most are there.")
]
Data = Annotated[
    str | None, typer.Option("--data", help="Rows in JSON, or a V2 request; @FILE reads a file.")
]
File = Annotated[
    Path | None, typer.Option("--file", help="Send a file: CSV, an image, rows in JSON.")
]
Id = Annotated[
    str | None, typer.Option("--id", help="What its result is told by; else one is made.")
]
Group = Annotated[str, typer.Option("--group", help="Of a FIFO queue: whose order is kept.")]
Each = Annotated[bool, typer.Option("--each", help="One message for each row of a list.")]

EXAMPLES = (
    "wherry queue send iris --data '[[5.1, 3.5, 1.4, 0.2]]'",
    "wherry queue stats iris",
    "wherry queue work iris --amqp amqp://guest:guest@localhost/",
)
HELP = "Answer messages: see a model's queues on AWS, or work one of RabbitMQ from here."

app = typer.Typer(name="queue", help=f"{help_examples(EXAMPLES)}\n\n{HELP}", short_help=HELP)


@command(
    app,
    "send",
    "wherry queue send iris --data '[[5.1, 3.5, 1.4, 0.2]]'",
    "wherry queue send iris --data @rows.json --each --id order-17",
    "wherry queue send digits --file three.png --target aws",
    dry_run=True,
    target="local",
)
def send(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    data: Data = None,
    file: File = None,
    id_: Id = None,
    group: Group = "",
    each: Each = False,
) -> None:
    """Put rows into a model's queue; a large payload is uploaded, and claimed by its message."""
    from wherry.queue.claims import Claims
    from wherry_control.queueing import sending

    payload, content_type = _payload(data, file)
    payloads = sending.each_row(payload) if each else [payload]
    ids = _ids(id_ or str(uuid4()), len(payloads))
    told = _places(call, model)
    if not call.dry_run:
        claims = Claims.open(told.claims, os.environ)
        queues = _queues(call)
        for name, part in zip(ids, payloads, strict=True):
            message = sending.message(part, name, claims, content_type=content_type, group=group)
            queues.send(told.messages, message)
    call.out.result({"ids": ids}, views.sent(ids, dry_run=call.dry_run))


@command(
    app,
    "stats",
    "wherry queue stats iris",
    "wherry queue stats iris --target aws --json",
    target="local",
)
def stats(call: Call, model: ModelName) -> None:
    """Show about how many messages a model's queues have."""
    told, queues = _places(call, model), _queues(call)
    names = {"messages": told.messages, "dead": told.dead, "results": told.results}
    depths = {name: queues.depth(url) for name, url in names.items() if url}
    call.out.result(depths, views.stats(model, depths))


@command(
    app,
    "peek",
    "wherry queue peek iris",
    "wherry queue peek iris --of results --most 3 --wait 20 --json",
    target="local",
)
def peek(call: Call, model: ModelName, *, of: Of = "dead", most: Most = 10, wait: Wait = 0) -> None:
    """
    Show what was laid aside, or results, and leave it there.

    What waits to be answered is not shown: to look is to receive, and who is received too often is
    laid aside.
    """
    from wherry_control.queueing.moving import look

    end = monotonic() + wait
    url = _places(call, model).readable(of)
    held = look(_queues(call), url, most, lambda: monotonic() < end)
    told = [
        {"id": each.message.id, "sent": each.sent, "receives": each.receives,
         "group": each.message.group, "body": each.message.body}
        for each in held
    ]  # fmt: skip
    call.out.result(told, views.peek(held, of))


@command(
    app,
    "redrive",
    "wherry queue redrive iris --dry-run",
    "wherry queue redrive iris --target aws",
    dry_run=True,
    target="local",
)
def redrive(call: Call, model: ModelName) -> None:
    """Give back what was laid aside, to be tried again under the ids that it had."""
    from wherry_control.queueing import moving

    told, queues = _places(call, model), _queues(call)
    before = queues.depth(told.dead)
    if call.dry_run:
        call.out.result({"would_move": before.waiting}, views.would_move(before))
        return
    with call.out.working(f"giving back the messages of {model}") as say:
        moved = moving.redrive(
            queues, told.dead, told.messages, lambda count: say(f"{count} of {before.waiting}")
        )
    left = queues.depth(told.dead).waiting
    call.out.result({"moved": moved, "left": left}, views.moved(moved, left))


app.add_typer(queue_work.app)


def _places(call: Call, model: str) -> "Places":
    from wherry_control.queueing.places import places

    call.project.model_folder(model)
    return places(call.cloud, call.target, model)


def _queues(call: Call) -> "Queues":
    from wherry_control.queueing.queues import SqsQueues

    return SqsQueues(call.session.client("sqs"))


def _payload(data: str | None, file: Path | None) -> tuple[bytes, str]:
    """What is sent, and what type it is of, where that is not JSON."""
    if (data is None) == (file is None):
        raise UsageError("--data", "one of --data and --file is wanted")
    if data is not None and not data.startswith("@"):
        _check_no_file(data)
        return data.encode(), ""
    path = file or Path(str(data)[1:])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(str(path), f"it cannot be read ({error.strerror})") from error
    kind = guess_type(path.name)[0] or ""
    return content, "" if kind == "application/json" else kind


def _check_no_file(data: str) -> None:
    """A name is no data: its message would be sent, and refused much later."""
    try:
        named = Path(data).is_file()
    except OSError:  # it is too long for a name
        return
    if named:
        raise UsageError(
            "--data", f"{data!r} is a file", f"Send it by --file {data}, or by --data @{data}."
        )


def _ids(stem: str, count: int) -> Sequence[str]:
    return [stem] if count == 1 else [f"{stem}-{place}" for place in range(1, count + 1)]
