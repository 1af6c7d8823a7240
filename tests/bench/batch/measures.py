"""The tables: rows a second against three others, and what more rows cost in time and memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from tests.bench.batch import infer
from tests.bench.batch.subject import TITLES, Subject
from tests.bench.batch.watched import Took
from tests.bench.batch.ways import Ways
from tests.bench.report import Row, Section, shown

TRIES = 3
OF_BARE, OF_PANDAS, OF_INFER = 0.7, 1.0, 10.0
FROM_MICROSECONDS = 5.0  # a row, by one core: what the goal against session.run is of
MEGABYTES, LINEAR = 600, 1.25
GROWTH = "lightgbm"


@dataclass(frozen=True)
class Size:
    """How many rows: of the comparison, of MLServer's client, and of the growth."""

    rows: int
    asked: int
    growth: tuple[int, ...]


WHOLE = Size(1_000_000, 2_000, (10_000, 100_000, 1_000_000, 10_000_000))
QUICK = Size(200_000, 500, (10_000, 100_000, 1_000_000))


def speed(subject: Subject, size: Size) -> Section:
    """By turns, so that each has the same weather."""
    rows = [row for model in TITLES for row in _compared(subject, model, size)]
    notes = (
        f"{size.rows:,} rows of 30 columns in one Parquet file. Ours is `wherry batch run --here`"
        " from its start to its end: reading, predicting, writing. Against it: `session.run` alone,"
        " on rows in memory, by as many cores, in the best of some sizes of chunks, processes and"
        " threads; a script with pandas and the estimator's own `predict_proba` on all cores;"
        f" `mlserver infer` on {size.asked:,} rows, its server up. By turns, the median of {TRIES}"
        " tries. CPU is that of all processes together."
    )
    return Section("speed", "Rows a second", notes, rows)


def growth(subject: Subject, size: Size) -> Section:
    """The same command on more and more rows."""
    ways = Ways(subject, GROWTH)
    ways.ours(min(size.growth))
    took = {count: _best([ways.ours(count) for _ in range(_tries(count))]) for count in size.growth}
    notes = (
        f"{TITLES[GROWTH]}. Memory is the most that all processes of the command held at one time:"
        " resident, with what they share counted once for each; and what is each one's own."
    )
    return Section("growth", "More rows", notes, list(_grown(took)))


def _tries(count: int) -> int:
    return 1 if count > WHOLE.rows else TRIES


def _best(tries: list[Took]) -> Took:
    return min(tries, key=lambda took: took.seconds)


def _compared(subject: Subject, model: str, size: Size) -> Iterator[Row]:
    ways, title = Ways(subject, model), TITLES[model]
    ways.ours(10_000)  # compiles what it imports
    ways.by_pandas(10_000)
    ours, pandas, bare = [], [], []
    for _ in range(TRIES):
        ours.append(ways.ours(size.rows))
        bare.append(ways.session(size.rows))
        pandas.append(ways.by_pandas(size.rows))
    seconds, least = median(each.seconds for each in ours), median(bare)
    other = median(each.seconds for each in pandas)
    is_slow = least / size.rows * ways.cores * 1e6 >= FROM_MICROSECONDS
    mine = size.rows / seconds
    yield _rate(title, mine, ("session.run", size.rows / least), OF_BARE if is_slow else None)
    yield _rate(title, mine, ("pandas", size.rows / other), OF_PANDAS)
    spent, theirs = (median(each.cpu for each in some) for some in (ours, pandas))
    yield Row(f"{title}, CPU", shown(spent, "s"), f"{shown(theirs, 's')} pandas", spent / theirs)
    if model == "forest":
        asked = size.asked / infer.seconds(subject, model, size.asked)
        yield _rate(title, mine, ("mlserver infer", asked), OF_INFER)


def _rate(title: str, mine: float, other: tuple[str, float], goal: float | None) -> Row:
    than, rate = other
    return Row(title, f"{mine:,.0f}/s", f"{rate:,.0f}/s {than}", mine / rate, goal, "at least")


def _grown(took: dict[int, Took]) -> Iterator[Row]:
    """A row's time between two sizes: what every run takes once is in both."""
    counts = sorted(took)
    steps = [
        (more, (took[more].seconds - took[fewer].seconds) / (more - fewer))
        for fewer, more in pairwise(counts)
    ]
    yield Row(f"{counts[0]:,} rows", shown(took[counts[0]].seconds, "s"), "itself", 1.0)
    for (_, before), (count, each) in pairwise(steps):
        yield Row(
            f"{count:,} rows: {shown(took[count].seconds, 's')}; each row more",
            shown(each, "µs"),
            f"{shown(before, 'µs')} a size before",
            each / before,
            LINEAR if count > WHOLE.growth[1] * 10 else None,
        )
    for count in counts:
        for what, held in (("memory", took[count].peak), ("memory of their own", took[count].own)):
            goal = 1.0 if what == "memory" and count == counts[-1] else None
            size = held / 1e6
            yield Row(
                f"{count:,} rows: {what}", f"{size:.0f} MB", f"{MEGABYTES} MB allowed",
                size / MEGABYTES, goal,
            )  # fmt: skip
