"""What was laid aside is looked at and given back, and nothing of it is lost or renamed."""

import json

import pytest

from tests.support.fake_queues import FakeQueues
from tests.support.queues_contract import QueuesContract, a_message
from wherry.errors import CloudError, ConfigurationError, UsageError
from wherry.queue.claims import Claims
from wherry.store.settings import open_objects
from wherry_control.gateway import Stack
from wherry_control.queueing import moving
from wherry_control.queueing.places import Places, places
from wherry_control.queueing.queues import Depth, Held, Sent
from wherry_control.queueing.sending import MOST_BYTES, each_row, message
from wherry_control.targets import Target

DEAD, TO = "https://sqs/dead", "https://sqs/messages"
TARGET = Target(name="local", account="1", region="eu-central-1", api_url="")


class TestFakeQueues(QueuesContract):
    @pytest.fixture
    def url(self) -> str:
        return DEAD

    @pytest.fixture
    def queues(self, url: str) -> FakeQueues:
        return FakeQueues(url)


@pytest.fixture
def queues() -> FakeQueues:
    return FakeQueues(DEAD, TO)


def nobody(count: int) -> None:
    """Hears of progress."""


def ids(queues: FakeQueues, url: str) -> list[str]:
    return [held.message.id for held in queues.waiting[url].values()]


@pytest.mark.parametrize(("most", "seen"), [(5, 5), (100, 25)])
def test_a_look_leaves_everything_there(queues: FakeQueues, most: int, seen: int) -> None:
    for place in range(25):
        queues.send(DEAD, a_message(f"m{place}"))

    held = moving.look(queues, DEAD, most)

    assert len({each.message.id for each in held}) == seen
    assert queues.depth(DEAD) == Depth(25, 0, 0)


def test_a_look_waits_for_what_is_to_come_and_no_longer_than_it_is_told(queues: FakeQueues) -> None:
    left = iter([True, True, False])

    def waits() -> bool:
        queues.send(DEAD, a_message())
        return next(left)

    assert len(moving.look(queues, DEAD, 2, waits)) == 2
    assert moving.look(queues, TO, 1, lambda: next(left)) == []
    assert queues.depth(DEAD) == Depth(2, 0, 0)


def test_a_redrive_moves_all_under_the_ids_that_they_had(queues: FakeQueues) -> None:
    for place in range(25):
        queues.send(DEAD, a_message(f"m{place}", f"[{place}]", kind="x"))
    heard: list[int] = []

    assert moving.redrive(queues, DEAD, TO, heard.append) == 25

    assert ids(queues, TO) == [f"m{place}" for place in range(25)]
    assert heard == [10, 20, 25]
    assert queues.depth(DEAD) == Depth(0, 0, 0)
    kept = next(iter(queues.waiting[TO].values())).message
    assert (kept.body, kept.attributes["kind"]["StringValue"]) == ("[0]", "x")


def test_a_redrive_of_nothing_moves_nothing(queues: FakeQueues) -> None:
    assert moving.redrive(queues, DEAD, TO, nobody) == 0


class KilledError(Exception):
    pass


class Stopping(FakeQueues):
    """Dies at the n-th call."""

    def __init__(self, *urls: str) -> None:
        super().__init__(*urls)
        self.left = 10**6

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KilledError

    def send(self, url: str, message: Sent) -> None:
        self._count()
        super().send(url, message)

    def delete(self, url: str, held: Held) -> None:
        self._count()
        super().delete(url, held)


@pytest.mark.parametrize("calls", range(7))
def test_a_redrive_that_is_killed_anywhere_loses_and_renames_nothing(calls: int) -> None:
    queues = Stopping(DEAD, TO)
    for name in "abc":
        queues.send(DEAD, a_message(name))
    queues.left = calls
    if calls < 6:
        with pytest.raises(KilledError):
            moving.redrive(queues, DEAD, TO, nobody)
    queues.left = 10**6
    for held in list(queues.in_flight[DEAD].values()):  # after half a minute
        queues.let_go(DEAD, held)

    moving.redrive(queues, DEAD, TO, nobody)

    assert set(ids(queues, TO)) == {"a", "b", "c"}
    assert len(ids(queues, TO)) <= 4  # one may be there twice: it is one message to the worker
    assert queues.depth(DEAD) == Depth(0, 0, 0)


def test_what_fails_again_meanwhile_is_not_moved_for_ever() -> None:
    class Poisoned(FakeQueues):
        def send(self, url: str, message: Sent) -> None:
            super().send(DEAD if url == TO else url, message)

    queues = Poisoned(DEAD, TO)
    for _ in range(15):
        queues.send(DEAD, a_message())

    assert 15 <= moving.redrive(queues, DEAD, TO, nobody) <= 20


def a_claims() -> Claims:
    return Claims(open_objects("memory://", {}), "s3://bucket/claims")


def test_a_payload_that_fits_is_the_message() -> None:
    told = message(b"[1]", "m", a_claims(), content_type="text/csv", group="g")

    assert (told.id, told.body, told.group) == ("m", "[1]", "g")
    assert told.attributes["content-type"]["StringValue"] == "text/csv"


@pytest.mark.parametrize("data", [b"x" * (MOST_BYTES + 1), b"\xff\xd8\xff"])
def test_a_large_or_binary_payload_is_claimed(data: bytes) -> None:
    claims = a_claims()

    told = message(data, "m/1", claims)

    claim = json.loads(told.body)["claim"]
    assert claim.startswith("s3://bucket/claims/sent/")
    assert claims.read(claim, len(data)) == data


def test_the_same_message_has_the_same_token_and_another_has_not() -> None:
    one, again, other, renamed = (
        message(data, name, a_claims())
        for data, name in ((b"1", "m"), (b"1", "m"), (b"2", "m"), (b"1", "n"))
    )

    assert one.token == again.token
    assert len({one.token, other.token, renamed.token}) == 3


def test_rows_become_messages_of_their_own() -> None:
    assert each_row(b'[{"a": 1}, [2], "c"]') == [b'{"a": 1}', b"[[2]]", b'["c"]']


@pytest.mark.parametrize("data", [b"", b"{", b"{}", b"[]"])
def test_what_has_no_rows_is_told(data: bytes) -> None:
    with pytest.raises(UsageError):
        each_row(data) if data else message(data, "m", a_claims())


class Stacks:
    def __init__(self, **outputs: str) -> None:
        self._outputs = outputs

    def stack(self, name: str) -> Stack | None:
        return Stack(name, "CREATE_COMPLETE", self._outputs) if self._outputs else None


def test_a_models_places_are_what_its_stack_tells() -> None:
    found = places(Stacks(MessagesQueueUrl=TO, MessagesDeadUrl=DEAD), TARGET, "iris")

    assert found == Places(TO, DEAD, "", "s3://wherry-dev-1-eu-central-1/queue/iris/claims")
    assert found.readable("dead") == DEAD
    with pytest.raises(UsageError, match="S3 alone"):
        found.readable("results")


def test_a_model_without_a_queue_is_told_what_to_do() -> None:
    with pytest.raises(ConfigurationError, match=r"Add a table \[queue\]"):
        places(Stacks(Other="x"), TARGET, "iris")
    with pytest.raises(CloudError, match="wherry deploy iris"):
        places(Stacks(), TARGET, "iris")
