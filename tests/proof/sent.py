"""Messages to a model's queue, and what became of each: in the store, and on the other queue."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.proof.world import THREADS, World

AT_ONCE = 10  # that SQS takes and gives
REFUSED_EACH = 50  # one of so many says too little
PREFIX = "m-"
OK, BAD = 200, 400
CLOSE = 1e-5  # rows that were computed together may differ in the last digits


@dataclass(frozen=True)
class MessageCounts:
    """`wrong` have two results, another's, or one that is not the same in both places."""

    sent: int
    answered: int
    refused: int
    missing: int
    wrong: int
    repeats: int

    @property
    def hold(self) -> bool:
        """Whether each has its one result, in the store and on the queue."""
        return self.answered + self.refused == self.sent and not self.missing and not self.wrong


def rows_of(count: int, seed: int) -> NDArray[np.float64]:
    """Flowers, no two alike."""
    return np.random.default_rng(seed).uniform(0.5, 7.5, (count, 4)).round(6)


def is_bad(number: int) -> bool:
    return number % REFUSED_EACH == 0


def send(world: World, rows: NDArray[np.float64]) -> None:
    """One message a row, ten at a time, each under an id of its own."""
    entries = [_entry(number, row) for number, row in enumerate(rows.tolist())]
    parts = [entries[at : at + AT_ONCE] for at in range(0, len(entries), AT_ONCE)]
    with ThreadPoolExecutor(THREADS) as pool:
        for told in pool.map(lambda part: _send(world, part), parts):
            assert not told.get("Failed"), told


def count(world: World, rows: NDArray[np.float64]) -> MessageCounts:
    """All of them, when none is under way any more."""
    kept, told = _kept(world), _told(world)
    wanted = world.service().predict({"features": rows.astype(np.float32)})["probabilities"]
    ids = [f"{PREFIX}{number}" for number in range(len(rows))]
    came = Counter(
        verdict(id_, kept.get(id_), told[id_], None if is_bad(number) else wanted[number])
        for number, id_ in enumerate(ids)
    )
    return MessageCounts(
        sent=len(rows),
        answered=came["answered"],
        refused=came["refused"],
        missing=came["missing"],
        wrong=came["wrong"] + len(kept.keys() - set(ids)),
        repeats=sum(max(0, len(told[id_]) - 1) for id_ in ids),
    )


def _entry(number: int, row: Sequence[float]) -> dict[str, Any]:
    values = row[:-1] if is_bad(number) else row
    id_ = {"DataType": "String", "StringValue": f"{PREFIX}{number}"}
    return {
        "Id": str(number),
        "MessageBody": json.dumps([values]),
        "MessageAttributes": {"id": id_},
    }


def _send(world: World, entries: list[dict[str, Any]]) -> Mapping[str, Any]:
    told: Mapping[str, Any] = world.sqs.send_message_batch(
        QueueUrl=world.places.messages, Entries=entries
    )
    return told


def verdict(
    id_: str, kept: bytes | None, told: Sequence[bytes], wanted: NDArray[np.float32] | None
) -> str:
    """What became of a message, that nothing is wanted for where it says too little."""
    if kept is None or not told:
        return "missing"
    came = json.loads(kept)
    if set(told) != {kept} or came["id"] != id_:
        return "wrong"
    if wanted is None:
        return "refused" if came["status"] == BAD and "result" not in came else "wrong"
    if came["status"] != OK:
        return "wrong"
    (answer,) = came["result"]["predictions"]
    close = np.allclose([*answer["probabilities"].values()], wanted, atol=CLOSE)
    return "answered" if close else "wrong"


def _kept(world: World) -> dict[str, bytes]:
    """The results in the store, by ids; whatever else lies there too, by its name."""
    found = world.objects(f"queue/{world.model}/results/")
    return {
        name.removesuffix(".json"): body
        for name, body in found.items()
        if name.startswith((PREFIX, "conflicts/", "hashed/"))
    }


def _told(world: World) -> defaultdict[str, list[bytes]]:
    """The results on the queue, by ids; they are taken from there."""
    found = defaultdict[str, list[bytes]](list)
    with ThreadPoolExecutor(THREADS) as pool:
        for bodies in pool.map(lambda _: _drain(world), range(THREADS)):
            for body in bodies:
                found[json.loads(body)["id"]].append(body)
    return found


def _drain(world: World) -> list[bytes]:
    found, url = list[bytes](), world.places.results
    while True:
        got = world.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=AT_ONCE).get("Messages")
        if not got:
            return found
        found += [each["Body"].encode() for each in got]
        gone = [{"Id": each["MessageId"], "ReceiptHandle": each["ReceiptHandle"]} for each in got]
        world.sqs.delete_message_batch(QueueUrl=url, Entries=gone)
