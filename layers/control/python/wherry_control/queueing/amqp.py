"""
`wherry queue work`: one release of a model answers the messages of a queue on RabbitMQ.

The parts are put together here: the release and the core that answers on Lambda too, a memory in a
file, and a worker at the broker. It has one release for good, as `wherry serve` has.
"""

import asyncio
import logging
import re
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import monotonic

from wherry.errors import ToolError, UsageError
from wherry.pinned import Fixed, Pinned, Services
from wherry.queue.claims import Claims
from wherry.queue.results import Results
from wherry.queue.tasks import Parts
from wherry.queue.work import Worker as Core
from wherry.settings import Settings
from wherry_control.queueing.amqp_answers import Answers
from wherry_control.queueing.amqp_link import LostError, open_link
from wherry_control.queueing.amqp_places import Places
from wherry_control.queueing.amqp_worker import Counts, Ways, Worker
from wherry_control.queueing.sqlite_memory import SqliteMemory, own_memory

HOUR = 3600.0
AHEAD = 2  # batches given out at once, so that the next one is here when one is done
NAME = re.compile(r"[A-Za-z0-9_.:@#,/+ -]{1,200}")
PORTS = {"amqp": 5672, "amqps": 5671}
STOPS = (signal.SIGINT, signal.SIGTERM)
QUIET = ("aio_pika", "aiormq", "wherry.queue")  # what they log is told here, once


@dataclass(frozen=True)
class Work:
    """What is asked: which queue of which broker, and how."""

    url: str = field(repr=False)  # it may hold a password
    queue: str
    state: Path
    claims: str | None = None
    batch: int = 64
    max_receives: int = 3
    keep_hours: float = 72
    once: bool = False


def work(
    variables: Mapping[str, str],
    asked: Work,
    note: Callable[[str], None],
    progress: Callable[[Counts], None],
) -> Counts:
    """Answer with the release that `variables` describe; `note` and `progress` hear of it."""
    broker = shown(asked.url)
    _check_name(asked.queue)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with own_memory(asked.state) as memory:
        answers = Answers(_core(variables, asked, memory), memory, asked.max_receives)
        kept = partial(memory.forget, asked.keep_hours * HOUR)
        ways = Ways(asked.batch, asked.once, note, _hourly(kept, progress))
        try:
            return asyncio.run(_run(asked, answers, ways))
        except LostError as error:
            raise _refused(broker, error) from error


def shown(url: str) -> str:
    """The broker's address without user and password; UsageError if it is none."""
    from yarl import URL

    try:
        told = URL(url)
        usual = PORTS[told.scheme]
        port = told.port or usual
    except (ValueError, KeyError):
        told, port = URL(), 0
    if not told.host:
        todo = "Write amqp://user:password@host:5672/, or amqps:// with TLS."
        raise UsageError("--amqp", "that is no address of a broker", todo)
    return f"{told.scheme}://{told.host}:{port}{told.raw_path}"


def _check_name(queue: str) -> None:
    if not NAME.fullmatch(queue):
        todo = "Take letters, digits, spaces and -_.:@#,/+, at most 200 of them."
        raise UsageError("--queue", f"{queue!r} can be no queue here", todo)


def _core(variables: Mapping[str, str], asked: Work, memory: SqliteMemory) -> Core:
    settings = Settings.from_environment(variables)
    pinned = Pinned(settings.release, settings.model_version, settings.digest)
    services = Services(settings)
    services.of(pinned)  # what is wrong with it is told before a message is taken
    claims = Claims.open(asked.claims, variables) if asked.claims else None
    parts = Parts(
        live=Fixed(pinned),
        services=services,
        memory=memory,
        sinks=(),
        results=Results(settings.model, claims),
        claims=claims,
    )
    return Core(parts, threads=16 if claims else 1)


async def _run(asked: Work, answers: Answers, ways: Ways) -> Counts:
    places = Places(asked.queue)
    connect = partial(open_link, asked.url, places, asked.batch * AHEAD)
    worker = Worker(connect, answers, places, ways)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        ways.note("finishing the batch in hand; once more stops at once")
        worker.stop()
        for wanted in STOPS:
            loop.remove_signal_handler(wanted)

    for wanted in STOPS:
        loop.add_signal_handler(wanted, stop)
    return await worker.run()


def _hourly(tidy: Callable[[], None], progress: Callable[[Counts], None]) -> Callable[..., None]:
    """The progress, with a bit of tidying on the way."""
    tidy()
    due = monotonic() + HOUR

    def told(counts: Counts) -> None:
        nonlocal due
        if monotonic() >= due:
            tidy()
            due = monotonic() + HOUR
        progress(counts)

    return told


def _refused(broker: str, error: LostError) -> ToolError:
    todo = "Start it, or see that --amqp has its address, user, password and virtual host."
    return ToolError(broker, f"no messages can be had there ({error})", todo)
