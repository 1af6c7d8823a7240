"""
The tables `[batch]`, `[batch.schedule]`, `[queue]` and `[jobs]` of a model.toml: for whole data
sets, messages and long requests. A table makes its function and what feeds it; without one there
is none of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self
from zoneinfo import available_timezones

from infra.rules import Between, ConfigurationError, Like, OneOf, Rule, Settings, setting

BUCKET = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
LONGEST = 900  # seconds: Lambda's
OF_A_FIFO = 10  # messages at once: more are taken of a standard queue only
RATE = r"(1 (minute|hour|day)|(?!1 )[1-9]\d{0,3} (minutes|hours|days))"
FIELD = r"[0-9A-Z*?,/#-]+"
RESULTS = ("queue", "s3")
FORMATS = ("csv", "jsonl", "parquet")


@dataclass(frozen=True)
class Zone:
    """A name of the time zone database, which is AWS's too."""

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and value in available_timezones()

    def __str__(self) -> str:
        return "a time zone such as Europe/Berlin"


@dataclass(frozen=True)
class Cron:
    """The six fields of AWS, of which one of the two days is `?`."""

    def allows(self, value: object) -> bool:
        if not isinstance(value, str) or not Like(rf"{FIELD}( {FIELD}){{5}}", "").allows(value):
            return False
        day, weekday = value.split(" ")[2], value.split(" ")[4]
        return (day == "?") != (weekday == "?")

    def __str__(self) -> str:
        return (
            "six fields (minutes, hours, day of the month, month, day of the week, year), one of "
            "the two days `?`, such as 0 3 * * ? *"
        )


@dataclass(frozen=True)
class Each:
    """A list in which each is once, and like this."""

    rule: Rule
    least: int = 0

    def allows(self, value: object) -> bool:
        return (
            isinstance(value, list)
            and len(value) >= self.least
            and all(self.rule.allows(each) and value.count(each) == 1 for each in value)
        )

    def __str__(self) -> str:
        return f"a list, each once: {self.rule}"


WHERE = Like(rf"{BUCKET}(/\S*)?", "s3://bucket or s3://bucket/prefix")
FOLDER = Like(rf"{BUCKET}(/\S+)?/", "s3://bucket/, or s3://bucket/prefix/, with `/` at the end")


COLUMN = Like(r"[^\n]+", "a column's name")


@dataclass(frozen=True, kw_only=True)
class ScheduleSettings(Settings):
    """The table `[batch.schedule]`: one run at each time, into a folder of its own."""

    TABLE = "batch.schedule"

    cron: str | None = setting(None, Cron())
    rate: str | None = setting(None, Like(RATE, "a number and minutes, hours or days: 1 day"))
    timezone: str = setting("UTC", Zone())
    input: str = setting("", WHERE)
    output: str = setting("", FOLDER)
    id: str = setting("", COLUMN)
    keep: Sequence[str] = setting((), Each(COLUMN))
    format: str = setting("", OneOf(FORMATS))
    to: str = setting("", OneOf(FORMATS))

    @classmethod
    def read(cls, where: str, table: object) -> Self:
        told = super().read(where, table)
        where = f"{where} [{cls.TABLE}]"
        if (told.cron is None) == (told.rate is None):
            raise ConfigurationError(where, "it tells no time, or two", "Give cron or rate")
        for key in ("input", "output"):
            if not getattr(told, key):
                raise ConfigurationError(where, f"{key} is missing", f"Allowed: {WHERE}")
        if told.output.startswith(f"{told.input.rstrip('/')}/"):  # each run would be refused
            what = f"{told.input} is read, and output = {told.output!r} is inside it"
            raise ConfigurationError(where, what, "Write to a folder beside it")
        return told

    @property
    def expression(self) -> str:
        """As EventBridge Scheduler is told it."""
        return f"cron({self.cron})" if self.cron else f"rate({self.rate})"

    @property
    def options(self) -> dict[str, object]:
        """How each run reads and writes rows, as far as that is told."""
        told = {"id": self.id, "keep": list(self.keep), "format": self.format, "to": self.to}
        return {key: value for key, value in told.items() if value}


@dataclass(frozen=True)
class Within:
    """A table inside a table, which has a reader of its own."""

    name: str

    def allows(self, value: object) -> bool:
        return isinstance(value, dict)

    def __str__(self) -> str:
        return f"the table [{self.name}]"


INNER = Within(ScheduleSettings.TABLE)


@dataclass(frozen=True, kw_only=True)
class BatchSettings(Settings):
    """The table `[batch]`. Its function reads and writes what is named here, and no more."""

    TABLE = "batch"

    memory_mb: int = setting(1769, Between(128, 10_240))
    timeout_seconds: int = setting(LONGEST, Between(60, LONGEST))
    concurrency: int = setting(20, Between(1, 1_000))
    tolerated_percent: int = setting(0, Between(0, 100))
    part_rows: int = setting(0, Between(0, 1_000_000_000))
    reads: Sequence[str] = setting((), Each(WHERE), key="read")
    writes: Sequence[str] = setting((), Each(WHERE), key="write")
    schedule: ScheduleSettings | None = setting(None, INNER)  # noqa: RUF009 (it makes a field)

    @classmethod
    def read(cls, where: str, table: object) -> Self:
        found = super().read(where, table)
        if found.schedule is None:
            return found
        return replace(found, schedule=ScheduleSettings.read(where, found.schedule))

    @property
    def options(self) -> dict[str, object]:
        """How every run is cut, a scheduled one too, as far as that is told."""
        return {"part_rows": self.part_rows} if self.part_rows else {}

    @property
    def environment(self) -> dict[str, str]:
        """The same, for a run whose starter does not tell it."""
        return {"WHERRY_PART_ROWS": str(self.part_rows)} if self.part_rows else {}


@dataclass(frozen=True, kw_only=True)
class QueueSettings(Settings):
    """The table `[queue]`: what Lambda would refuse when a deploy has begun is refused here."""

    TABLE = "queue"

    fifo: bool = setting(False, OneOf((True, False)))
    batch_size: int = setting(10, Between(1, 10_000))
    window_seconds: int = setting(0, Between(0, 300))
    # its worker begins nothing in the last second
    timeout_seconds: int = setting(30, Between(2, LONGEST))
    memory_mb: int = setting(512, Between(128, 10_240))
    concurrency: int = setting(20, Between(2, 1_000))
    max_receives: int = setting(5, Between(1, 1_000))
    results: Sequence[Literal["queue", "s3"]] = setting(RESULTS, Each(OneOf(RESULTS), least=1))

    @classmethod
    def read(cls, where: str, table: object) -> Self:
        told = super().read(where, table)
        where = f"{where} [{cls.TABLE}]"
        size, window = f"batch_size = {told.batch_size}", f"window_seconds = {told.window_seconds}"
        if told.fifo and told.window_seconds:
            raise ConfigurationError(where, f"{window} with fifo", "A FIFO queue has no window")
        if told.fifo and told.batch_size > OF_A_FIFO:
            raise ConfigurationError(where, f"{size} with fifo", f"Allowed: up to {OF_A_FIFO}")
        if told.batch_size > OF_A_FIFO and not told.window_seconds:
            raise ConfigurationError(
                where, f"{size} with {window}", f"Above {OF_A_FIFO}, window_seconds is 1 or more"
            )
        return told

    @property
    def visibility_seconds(self) -> int:
        """How long a message that was taken is hidden: AWS asks for this, lest it comes twice."""
        return 6 * self.timeout_seconds + self.window_seconds


@dataclass(frozen=True, kw_only=True)
class JobsSettings(Settings):
    """The table `[jobs]`. What jobs leave in S3 is deleted after a week, and no later."""

    TABLE = "jobs"

    memory_mb: int = setting(1769, Between(128, 10_240))
    timeout_seconds: int = setting(LONGEST, Between(1, LONGEST))
    keep_hours: int = setting(24, Between(1, 7 * 24))
    most_mb: int = setting(512, Between(1, 5_000))
    concurrency: int = setting(5, Between(2, 1_000))
