"""What every `Queues` does; a subclass gives the fixtures `queues` and `url`, an empty queue."""

from uuid import uuid4

from wherry_control.queueing.queues import Depth, Held, Queues, Sent, text


def a_message(name: str = "", body: str = "[1]", **told: str) -> Sent:
    attributes = {key: text(value) for key, value in told.items()}
    return Sent(id=name or uuid4().hex, body=body, token=uuid4().hex, attributes=attributes)


def drained(queues: Queues, url: str) -> list[Held]:
    found: list[Held] = []
    while got := queues.receive(url):
        found += got
    return found


class QueuesContract:
    def test_what_is_sent_is_received_with_all_that_it_had(self, queues: Queues, url: str) -> None:
        message = a_message("order-1", "[1, 2]", kind="text/csv")
        queues.send(url, message)

        (held,) = queues.receive(url)

        assert held.message.id == "order-1"
        assert held.message.body == "[1, 2]"
        assert held.message.attributes == {"kind": text("text/csv"), "id": text("order-1")}
        assert held.receives == 1
        assert held.queue_id
        assert abs(held.sent.timestamp() - 1.7e9) < 1e9

    def test_what_is_received_is_nobody_elses_until_it_is_let_go(
        self, queues: Queues, url: str
    ) -> None:
        queues.send(url, a_message())
        (held,) = queues.receive(url)

        assert queues.receive(url) == []
        queues.let_go(url, held)
        (again,) = queues.receive(url)

        assert again.queue_id == held.queue_id
        assert again.receives == 2

    def test_what_is_deleted_is_gone(self, queues: Queues, url: str) -> None:
        queues.send(url, a_message())
        (held,) = queues.receive(url)
        queues.delete(url, held)

        assert queues.depth(url) == Depth(0, 0, 0)

    def test_the_depth_counts_what_waits_and_what_somebody_has(
        self, queues: Queues, url: str
    ) -> None:
        for _ in range(12):
            queues.send(url, a_message())
        held = queues.receive(url)

        assert queues.depth(url) == Depth(12 - len(held), len(held), 0)
        assert len(held) <= 10

    def test_all_are_received_in_the_end(self, queues: Queues, url: str) -> None:
        for place in range(25):
            queues.send(url, a_message(f"m{place}"))

        assert {held.message.id for held in drained(queues, url)} == {f"m{n}" for n in range(25)}
