"""How far a batch run is, on stderr: a bar on a terminal, a line now and then in a log."""

import sys
import time
from collections.abc import Callable
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wherry_control.batch.progress import Progress

BETWEEN = 10.0  # seconds between two lines of a log
BAR = 20
MINUTE = 60


@contextmanager
def showing(
    what: str, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
) -> "Iterator[Callable[[Progress], None]]":
    """What it yields hears how far it is, as often as it likes."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(what, stream) as hear:
            yield hear
    else:
        yield _Lines(what, stream, clock)


def told(progress: "Progress") -> str:
    """In words: parts, rows, rows a second, how long it will still take."""
    done = f"{progress.done} of {progress.partitions} parts"
    words = [done, *([f"{progress.failed} failed"] if progress.failed else [])]
    if progress.rows:
        words += [f"{progress.rows:,} rows", f"{progress.rate:,.0f} rows/s"]
    if progress.left is not None and progress.done < progress.partitions:
        words.append(f"{span(progress.left)} left")
    return ", ".join(words)


def span(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < MINUTE:
        return f"{seconds:.1f} s" if seconds < BETWEEN else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), MINUTE)
    hours, minutes = divmod(minutes, MINUTE)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"


class _Lines:
    """One line at the end, and before it one now and then."""

    def __init__(self, what: str, stream: TextIO, clock: Callable[[], float]) -> None:
        self._what, self._stream, self._clock = what, stream, clock
        self._last, self._said = clock(), ""

    def __call__(self, progress: "Progress") -> None:
        is_last = progress.done + progress.failed >= progress.partitions
        if not is_last and self._clock() - self._last < BETWEEN:
            return
        line = f"{self._what}: {told(progress)}"
        if line != self._said:
            print(line, file=self._stream, flush=True)
        self._last, self._said = self._clock(), line


@contextmanager
def _bar(what: str, stream: TextIO) -> "Iterator[Callable[[Progress], None]]":
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn(what, markup=False), BarColumn(BAR), TextColumn("{task.description}"))
    with Bars(*columns, console=Console(file=stream)) as bars:
        bar = bars.add_task("", total=None)

        def hear(progress: "Progress") -> None:
            share = float(progress.done)
            if progress.expected:
                these = progress.partitions - progress.already
                share = progress.already + these * min(1.0, progress.rows / progress.expected)
            bars.update(
                bar,
                description=told(progress),
                total=progress.partitions,
                completed=max(share, progress.done),
            )

        yield hear
