"""`wherry queue work`."""

import os
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from cli import queue_views as views
from cli.call import Call, command
from cli.commands.serve import ModelName, StoreUrl
from cli.queue_telling import Telling
from cli.signers import PublicKeys, read_keys
from cli.stores import store_url
from wherry.errors import UsageError

if TYPE_CHECKING:  # it brings a client of the broker
    from wherry_control.queueing.amqp import Work

LIVELY, SELDOM = 0.2, 10.0  # seconds between two looks, on a terminal and elsewhere

Amqp = Annotated[
    str | None,
    typer.Option(
        "--amqp",
        metavar="URL",
        envvar="WHERRY_AMQP",
        help="The broker: amqp://user:password@host/. Others can see an option: use the variable.",
    ),
]
Queue = Annotated[
    str | None, typer.Option("--queue", help="Whose messages; else the model's name.")
]
State = Annotated[
    Path | None,
    typer.Option(
        "--state", metavar="FILE", help="What is remembered; else .wherry/queue/<model>.sqlite."
    ),
]
Claims = Annotated[
    str | None,
    typer.Option("--claims", metavar="URL", help="Where large payloads are: s3://… or a folder."),
]
Batch = Annotated[
    int, typer.Option("--batch", min=1, max=4096, help="Messages in one call of the model.")
]
MaxReceives = Annotated[
    int, typer.Option("--max-receives", min=1, help="Tries of a message before it is laid aside.")
]
KeepHours = Annotated[
    float, typer.Option("--keep-hours", min=1, help="How long a message is remembered.")
]
Once = Annotated[bool, typer.Option("--once", help="End when the queue is empty.")]

app = typer.Typer()


@command(
    app,
    "work",
    "wherry queue work iris --amqp amqp://guest:guest@localhost/",
    "wherry queue work iris --amqp amqps://broker.example.com/production --queue irises",
    "wherry queue work iris --once --json",
)
def work(  # noqa: PLR0913 - each is an option of the command
    call: Call,
    model: ModelName,
    *,
    amqp: Amqp = None,
    queue: Queue = None,
    batch: Batch = 64,
    max_receives: MaxReceives = 3,
    state: State = None,
    keep_hours: KeepHours = 72,
    claims: Claims = None,
    once: Once = False,
    public_key: PublicKeys = None,
    store: StoreUrl = None,
) -> None:
    """
    Answer the messages of a queue on RabbitMQ, with the published artifact that the lock pins.

    Results go to <queue>.results, or where a message's reply_to says; what fails again and again
    goes to <queue>.dead.
    """
    from wherry_control.queueing.amqp import Work, shown

    if not amqp:
        raise UsageError("--amqp", "no broker is named", "Give --amqp, or set WHERRY_AMQP.")
    broker = shown(amqp)
    call.project.model_folder(model)
    variables = _release(call, model, store, public_key)
    asked = Work(
        url=amqp,
        queue=queue or model,
        state=state or call.project.root / ".wherry" / "queue" / f"{model}.sqlite",
        claims=claims,
        batch=batch,
        max_receives=max_receives,
        keep_hours=keep_hours,
        once=once,
    )
    call.out.note(f"{model} answers {asked.queue} at {broker}")
    _answer(call, variables, asked)


def _release(
    call: Call, model: str, store: str | None, public_key: list[Path] | None
) -> dict[str, str]:
    from wherry_control.environment import release_environment, required_lock

    url = store_url(call, store)
    lock = required_lock(call.project.root, model, call.target_name)
    return {**os.environ, **release_environment(lock, url, read_keys(public_key))}


def _answer(call: Call, variables: dict[str, str], asked: "Work") -> None:
    """Tell how it goes meanwhile, and at the end what came of it."""
    from wherry_control.queueing.amqp import work as answer

    seconds = LIVELY if call.out.is_terminal else SELDOM
    with call.out.working("answering") as say:
        telling = Telling(seconds, say, monotonic)
        counts = answer(variables, asked, call.out.note, telling)
    told = {**asdict(counts), "mean_batch": counts.mean_batch, "per_second": telling.pace}
    call.out.result(told, views.worked(counts, telling.pace))
