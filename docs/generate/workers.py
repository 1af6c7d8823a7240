"""What the tables `[batch]`, `[batch.schedule]`, `[queue]` and `[jobs]` mean; what they allow is
read from the code.
"""

from collections.abc import Mapping

from infra.rules import Settings
from infra.workers import BatchSettings, JobsSettings, QueueSettings, ScheduleSettings

Row = tuple[str, str, str]

KINDS: Mapping[str, type[Settings]] = {
    kind.TABLE: kind for kind in (BatchSettings, ScheduleSettings, QueueSettings, JobsSettings)
}
REQUIRED = (("batch.schedule", "input"), ("batch.schedule", "output"))

ABOUT = {
    "batch": """\
Whole data sets are predicted on AWS, by a function of their own and a state machine that calls it
for each partition. Without the table there is neither; an empty one is enough. `wherry deploy`
makes them. The function may read and write below `s3://<store's bucket>/batch/<model>/` and what
is named here.""",
    "batch.schedule": """\
One run at each of these times. What `input` and `output` name may be read and written too.""",
    "queue": """\
Messages of an SQS queue are answered, by a function of their own. Without the table there is
neither queue nor function; an empty one is enough.""",
    "jobs": """\
`POST /v2/models/<model>/jobs` takes requests that need longer than 29 seconds, or more than 4 MB.
A function of their own answers them. What jobs leave in S3 is deleted after seven days.""",
}

MEANINGS: Mapping[str, Mapping[str, str]] = {
    "batch": {
        "memory_mb": "memory of the function; 1769 give one whole CPU, others in proportion",
        "timeout_seconds": "how long one partition may take",
        "concurrency": "how many partitions are done at once",
        "tolerated_percent": "how many of 100 partitions may fail before a run is ended early; a "
        "run that asks for another share gets it",
        "part_rows": "rows of a partition at most, unless a run is told another; 0 is as many "
        "as 64 MiB hold. They have `timeout_seconds`: at 10 ms a row, 40000 rows take 400 s",
        "read": "where input may lie beside the model's own folder",
        "write": "where output may lie beside it",
        "schedule": "the table below",
    },
    "batch.schedule": {
        "cron": "when, by the clock of `timezone`",
        "rate": "or how often, from the deploy on",
        "timezone": "of `cron`; a run at an hour that a change of the clocks skips is not made up",
        "input": "an object, or all below a prefix",
        "output": "each run writes into a folder below, which is called by its scheduled time; "
        "not inside `input`",
        "id": "the column that rows are named by; it is carried through",
        "keep": "columns to carry through; `*` is all of them",
        "format": "of the input; without it, as the names of files end",
        "to": "of the output; without it, as the input",
    },
    "queue": {
        "fifo": "messages of a group are answered one after another; a change makes other queues",
        "batch_size": "messages of one call at most",
        "window_seconds": "how long a call waits for more messages",
        "timeout_seconds": "how long one call may take; a message that was taken is hidden for six "
        "times as long, and the window",
        "memory_mb": "memory of the function",
        "concurrency": "how many calls at once: a backlog must not take what requests need",
        "max_receives": "how often a message is delivered before it is a dead letter",
        "results": "where answers go: to a queue, to the store's bucket, or to both",
    },
    "jobs": {
        "memory_mb": "memory of the function; the input and the result of a job must fit in it",
        "timeout_seconds": "how long one job may take",
        "keep_hours": "how long a job and its result can be asked for",
        "most_mb": "how large the input of a job, or its result, may be",
        "concurrency": "how many jobs are done at once",
    },
}


def rows(table: str) -> list[Row]:
    """Key, default and what is allowed, of one of the tables."""
    return [
        (key, _default(table, key, told.default), str(told.metadata["rule"]))
        for key, told in KINDS[table].by_key()
    ]


def _default(table: str, key: str, value: object) -> str:
    if (table, key) in REQUIRED:
        return "required"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value) or "none"
    return "none" if value in (None, "") else f"`{value}`"
