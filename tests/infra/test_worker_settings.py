"""[batch], [batch.schedule], [queue] and [jobs]: what holds, and what is refused where."""

import re
from pathlib import Path
from typing import Literal

import msgspec
import pytest

from infra.config import Options, Release, releases
from infra.rules import ConfigurationError
from infra.workers import BatchSettings, JobsSettings, QueueSettings, ScheduleSettings
from tests.infra.synth import LOCKS, lock_with, project
from wherry.batch.contract import Options as Rows

FORMATS: tuple[Literal["csv", "jsonl", "parquet"], ...] = ("csv", "jsonl", "parquet")
HOW = 'input = "s3://lake/new/"\noutput = "s3://lake/out/"'


def release(root: Path) -> Release:
    (found,) = releases(root, Options.from_context({"locks": str(LOCKS)}.get))
    assert isinstance(found, Release)
    return found


def read(root: Path, tables: str) -> Release:
    return release(project(root, tables=tables))


def test_a_model_without_the_tables_has_no_worker(root_of: Path) -> None:
    found = release(root_of)

    assert (found.batch, found.queue, found.jobs) == (None, None, None)
    assert found.closures == {()}


def test_an_empty_table_is_a_worker_of_the_usual_settings(tmp_path: Path) -> None:
    found = read(tmp_path, "[batch]\n[queue]\n[jobs]")

    assert found.batch == BatchSettings(memory_mb=1769, timeout_seconds=900, concurrency=20)
    assert found.queue == QueueSettings(batch_size=10, timeout_seconds=30, max_receives=5)
    assert found.queue.results == ("queue", "s3")
    assert found.jobs == JobsSettings(keep_hours=24, most_mb=512)


def test_every_key_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        '[batch]\nread = ["s3://data/in"]\nwrite = ["s3://data"]\ntolerated_percent = 5\n'
        "part_rows = 40000\n"
        f'[batch.schedule]\ncron = "0 3 ? * MON-FRI *"\ntimezone = "Europe/Berlin"\n{HOW}\n'
        'id = "flower"\nkeep = ["garden", "bed, row"]\nformat = "csv"\nto = "parquet"\n'
        '[queue]\nbatch_size = 100\nwindow_seconds = 2\nresults = ["s3"]',
    )

    assert found.batch is not None
    assert (found.batch.reads, found.batch.writes) == (["s3://data/in"], ["s3://data"])
    assert msgspec.convert(found.batch.options, Rows) == Rows(part_rows=40_000)
    assert found.batch.schedule == ScheduleSettings(
        cron="0 3 ? * MON-FRI *",
        timezone="Europe/Berlin",
        input="s3://lake/new/",
        output="s3://lake/out/",
        id="flower",
        keep=["garden", "bed, row"],
        format="csv",
        to="parquet",
    )
    assert found.batch.schedule.expression == "cron(0 3 ? * MON-FRI *)"
    assert found.queue == QueueSettings(batch_size=100, window_seconds=2, results=["s3"])


@pytest.mark.parametrize(
    ("tables", "closures"),
    [
        ("[queue]", {("image",), ("image", "queue")}),
        ("[batch]", {("image",), ("image", "batch", "queue")}),
        ("[jobs]", {("image", "queue")}),
        ("[batch]\n[jobs]", {("image", "queue"), ("image", "batch", "queue")}),
    ],
)
def test_workers_share_one_package_and_jobs_bring_the_sdk_to_requests(
    tmp_path: Path, tables: str, closures: set[tuple[str, ...]]
) -> None:
    root = project(tmp_path, tables=tables)
    lock_with(tmp_path, extras=["image"])

    (found,) = releases(root, Options.from_context({"locks": str(tmp_path)}.get))

    assert isinstance(found, Release)
    assert found.closures == closures


@pytest.mark.parametrize("rate", ["1 minute", "1 day", "2 hours", "90 days"])
def test_rates_are_told_as_aws_has_them(tmp_path: Path, rate: str) -> None:
    found = read(tmp_path, f'[batch]\n[batch.schedule]\nrate = "{rate}"\n{HOW}').batch

    assert found is not None
    assert found.schedule is not None
    assert found.schedule.expression == f"rate({rate})"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("", Rows()),
        ('id = "flower"\nkeep = ["*"]', Rows(id="flower", keep=("*",))),
        *((f'format = "{each}"\nto = "{each}"', Rows(format=each, to=each)) for each in FORMATS),
    ],
)
def test_a_scheduled_run_is_told_the_options_that_its_function_reads(
    tmp_path: Path, told: str, wanted: Rows
) -> None:
    found = read(tmp_path, f'[batch]\n[batch.schedule]\nrate = "1 day"\n{HOW}\n{told}').batch

    assert found is not None
    assert found.schedule is not None
    assert msgspec.convert(found.schedule.options, Rows) == wanted


@pytest.mark.parametrize(
    ("table", "told", "told_back"),
    [
        ("batch", "memory_mb = 64", "memory_mb = 64 is not allowed"),
        ("batch", "timeout_seconds = 901", "timeout_seconds = 901 is not allowed"),
        ("batch", "part_rows = -1", "part_rows = -1 is not allowed"),
        ("batch", "tolerated_percent = 101", "tolerated_percent = 101 is not allowed"),
        ("batch", 'read = ["data/in"]', "read = ['data/in'] is not allowed"),
        ("batch", 'write = "s3://data"', "write = 's3://data' is not allowed"),
        ("batch", 'read = ["s3://data", "s3://data"]', "each once"),
        ("batch", "reads = []", "reads is no known key"),
        ("batch", "schedule = 3", "schedule = 3 is not allowed"),
        ("queue", "timeout_seconds = 1", "timeout_seconds = 1 is not allowed"),
        ("queue", "max_receives = 0", "max_receives = 0 is not allowed"),
        ("queue", "results = []", "results = [] is not allowed"),
        ("queue", 'results = ["sns"]', "results = ['sns'] is not allowed"),
        ("queue", "fifo = 1", "fifo = 1 is not allowed"),
        ("queue", "fifo = true\nbatch_size = 11", "batch_size = 11 with fifo"),
        ("queue", "fifo = true\nwindow_seconds = 1", "window_seconds = 1 with fifo"),
        ("queue", "batch_size = 11", "batch_size = 11 with window_seconds = 0"),
        ("jobs", "keep_hours = 169", "keep_hours = 169 is not allowed"),
        ("jobs", "most_mb = 0", "most_mb = 0 is not allowed"),
    ],
)
def test_what_is_wrong_is_told_with_the_file_the_table_and_the_value(
    tmp_path: Path, table: str, told: str, told_back: str
) -> None:
    pattern = rf"models/iris/model.toml \[{table}\]: .*{re.escape(told_back)}"

    with pytest.raises(ConfigurationError, match=pattern):
        read(tmp_path, f"[{table}]\n{told}")


@pytest.mark.parametrize(
    ("told", "told_back"),
    [
        (HOW, "it tells no time, or two"),
        (f'cron = "0 3 * * ? *"\nrate = "1 day"\n{HOW}', "it tells no time, or two"),
        (f'cron = "0 3 * * *"\n{HOW}', "cron = '0 3 * * *' is not allowed"),
        (f'cron = "0 3 * * * *"\n{HOW}', "one of the two days"),
        (f'cron = "cron(0 3 * * ? *)"\n{HOW}', "is not allowed"),
        (f'rate = "1 days"\n{HOW}', "rate = '1 days' is not allowed"),
        (f'rate = "0 days"\n{HOW}', "rate = '0 days' is not allowed"),
        (f'rate = "1 day"\ntimezone = "Berlin"\n{HOW}', "a time zone such as Europe/Berlin"),
        ('rate = "1 day"\noutput = "s3://lake/out/"', "input is missing"),
        ('rate = "1 day"\ninput = "s3://lake/new/"', "output is missing"),
        (f'rate = "1 day"\n{HOW}\nid = ""', "id = '' is not allowed"),
        (f'rate = "1 day"\n{HOW}\nkeep = "*"', "keep = '*' is not allowed"),
        (f'rate = "1 day"\n{HOW}\nkeep = [3]', "keep = [3] is not allowed"),
        (f'rate = "1 day"\n{HOW}\nformat = "xlsx"', "Allowed: csv, jsonl, parquet"),
        (f'rate = "1 day"\n{HOW}\nto = ""', "to = '' is not allowed"),
        ('rate = "1 day"\ninput = "s3://lake"\noutput = "s3://lake/out"', "with `/` at the end"),
    ],
)
def test_a_schedule_that_aws_would_refuse_is_refused_here(
    tmp_path: Path, told: str, told_back: str
) -> None:
    pattern = rf"models/iris/model.toml \[batch.schedule\]: .*{re.escape(told_back)}"

    with pytest.raises(ConfigurationError, match=pattern):
        read(tmp_path, f"[batch]\n[batch.schedule]\n{told}")


@pytest.mark.parametrize("kind", ["batch", "queue", "jobs"])
def test_no_model_is_called_like_the_worker_of_another(tmp_path: Path, kind: str) -> None:
    root = project(tmp_path)
    (root / "models/iris").rename(root / f"models/iris-{kind}")

    with pytest.raises(ConfigurationError, match=f"iris-{kind}"):
        list(releases(root, Options.from_context(dict[str, str]().get)))


def scheduled(root: Path, input_: str, output: str) -> None:
    told = f'input = "{input_}"\noutput = "{output}"'
    read(root, f'[batch]\n[batch.schedule]\nrate = "1 day"\n{told}')


@pytest.mark.parametrize(
    ("input_", "output"),
    [
        ("s3://lake/in/", "s3://lake/in/out/"),
        ("s3://lake/in", "s3://lake/in/"),
        ("s3://lake", "s3://lake/out/"),
        ("s3://lake/", "s3://lake/"),
    ],
)
def test_a_schedule_whose_runs_would_write_into_their_input_is_refused(
    tmp_path: Path, input_: str, output: str
) -> None:
    with pytest.raises(ConfigurationError, match=r"is read, and output = .* is inside it"):
        scheduled(tmp_path, input_, output)


@pytest.mark.parametrize(
    ("input_", "output"),
    [
        ("s3://lake/in", "s3://lake/inner/"),
        ("s3://lake/out/day", "s3://lake/out/"),  # each run writes beside it
        ("s3://lake/x/", "s3://other/x/"),
    ],
)
def test_a_schedule_may_write_beside_its_input(tmp_path: Path, input_: str, output: str) -> None:
    scheduled(tmp_path, input_, output)
