"""
Batch runs, messages and a schedule, on an AWS that enforces TLS and IAM: each worker does its work
with what its role may do, and no more.

What takes its time is begun early, and looked at by the last tests.
"""

import csv
import io
import json
from contextlib import ExitStack

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.proof.aws import Size, prove
from tests.proof.world import World
from tests.support.cloud import AWS
from tests.support.emulated import until
from tests.support.workers import MODEL, Workers

pytestmark = pytest.mark.e2e

FEATURES = ("sepal_length", "sepal_width", "petal_length", "petal_width")
ROWS = np.random.default_rng(0).uniform(0.5, 7, (200, 4)).round(2).tolist()
POISON = "queue/iris-linear/claims/sent/poison/*"


@pytest.fixture(scope="module")
def poison(workers: Workers, tmp_path_factory: pytest.TempPathFactory) -> ExitStack:
    """A message was sent whose payload nobody can read, until this is closed."""
    large = tmp_path_factory.mktemp("large") / "rows.json"
    large.write_text(json.dumps(ROWS * 60))
    trouble = ExitStack()
    trouble.enter_context(workers.denied(POISON))
    workers.wherry("queue", "send", MODEL, "--file", str(large), "--id", "poison")
    return trouble


def json_lines(stem: str, rows: list[list[float]]) -> str:
    told = (
        {"flower": f"{stem}-{at}", **dict(zip(FEATURES, row, strict=True))}
        for at, row in enumerate(rows)
    )
    return "\n".join(map(json.dumps, told))


def table(stem: str, rows: list[list[float]]) -> bytes:
    """As Parquet."""
    columns = dict(zip(FEATURES, np.array(rows).T, strict=True))
    file = io.BytesIO()
    pq.write_table(
        pa.table({"flower": [f"{stem}-{at}" for at in range(len(rows))], **columns}), file
    )
    return file.getvalue()


@pytest.mark.usefixtures("poison")
def test_a_message_has_a_result_in_the_queue_and_the_same_in_the_store(workers: Workers) -> None:
    good = json.dumps(ROWS[:3])
    workers.wherry("queue", "send", MODEL, "--data", good, "--each", "--id", "flower")
    workers.wherry("queue", "send", MODEL, "--data", "[[1, 2]]", "--id", "refused")

    told = workers.results(4)

    assert {id_: each["status"] for id_, each in told.items()} == {
        "flower-1": 200, "flower-2": 200, "flower-3": 200, "refused": 400,
    }  # fmt: skip
    assert "a list of 4 values is wanted" in told["refused"]["error"]
    folder = f"queue/{MODEL}/results/"
    assert {key: json.loads(body) for key, body in workers.objects(folder).items()} == {
        f"{folder}{id_}.json": each for id_, each in told.items()
    }


def test_a_batch_predicts_or_refuses_every_row_of_every_object(workers: Workers) -> None:
    folder = f"batch/{MODEL}/in"
    workers.put(f"{folder}/a.jsonl", json_lines("a", ROWS[:100]).replace("}", '"}', 1))
    workers.put(f"{folder}/b.parquet", table("b", ROWS[100:]))
    words = ("--input", f"{workers.store}/{folder}/", "--id", "flower", "--to", "csv")

    told = workers.wherry(
        "batch", "run", MODEL, *words, "--output", f"{workers.store}/batch/{MODEL}/out"
    )

    counts = {name: told[name] for name in ("complete", "rows", "predicted", "refused")}
    assert counts == {"complete": True, "rows": 200, "predicted": 199, "refused": 1}
    made = workers.objects(f"batch/{MODEL}/out/part-").values()
    found = [row["flower"] for part in made for row in csv.DictReader(io.StringIO(part.decode()))]
    wanted = [f"a-{at}" for at in range(1, 100)] + [f"b-{at}" for at in range(100)]
    assert sorted(found) == sorted(wanted)


def test_a_batch_reads_nothing_that_it_was_not_given(workers: Workers) -> None:
    workers.put("secrets/rows.jsonl", json_lines("s", ROWS[:2]))

    done = workers.cloud.project.run(
        "batch", "run", MODEL, "--input", f"{workers.store}/secrets/",
        "--output", f"{workers.store}/batch/{MODEL}/stolen", *AWS,
    )  # fmt: skip

    assert done.code == 1
    assert not workers.objects(f"batch/{MODEL}/stolen/part-")


def test_what_was_laid_aside_is_given_back_and_answered(
    workers: Workers, poison: ExitStack
) -> None:
    until(lambda: workers.wherry("queue", "stats", MODEL)["dead"]["waiting"] == 1, 90)
    assert [each["id"] for each in workers.wherry("queue", "peek", MODEL)] == ["poison"]

    poison.close()
    assert workers.wherry("queue", "redrive", MODEL) == {"moved": 1, "left": 0}

    told = workers.results(5)["poison"]
    assert told["status"] == 200
    answer = told["claim"].removeprefix(f"{workers.store}/")
    (body,) = workers.objects(answer).values()
    assert len(json.loads(body)["predictions"]) == 60 * len(ROWS)


def test_nothing_is_lost_or_doubled_though_workers_are_killed_at_random(workers: Workers) -> None:
    """A tenth of what `python -m tests.proof.aws` does."""
    outcome = prove(World(workers.cloud, MODEL), Size(messages=1_000, rows=20_000, life=15))

    assert outcome.holds, outcome
    assert outcome.killed["queue"]
    assert outcome.killed["batch"]


def test_a_schedule_starts_a_run_into_a_folder_of_its_time(workers: Workers) -> None:
    nights = f"batch/{MODEL}/nights/"
    until(lambda: any(key.endswith("manifest.json") for key in workers.objects(nights)), 120)

    told = workers.wherry("batch", "schedule", MODEL, "--pause")

    assert told["schedule"]["enabled"] is False
    made = workers.objects(nights)
    first = min(key for key in made if key.endswith("manifest.json"))
    assert json.loads(made[first])["predicted"] == 1
    assert first.removeprefix(nights).startswith("20")
    assert workers.wherry("batch", "list", MODEL)
