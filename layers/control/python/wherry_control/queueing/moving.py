"""
Looking at what was laid aside, and giving it back to be tried again.

Messages go back one by one, sent before they are deleted, each under the name that it had. SQS's
own redrive gives each a new id, and so a second result to one whose sender gave none. Who is killed
between the two leaves a message in both queues; it is one message to the worker, which tells the
same result again. So a redrive can be stopped and repeated at any time.
"""

from collections.abc import Callable

from wherry_control.queueing.queues import MOST_AT_ONCE, Held, Queues


def look(
    queues: Queues, url: str, most: int, waits: Callable[[], bool] = lambda: False
) -> list[Held]:
    """Up to `most` messages of a queue, which keeps them; for more as long as `waits` says so."""
    found: dict[str, Held] = {}
    try:
        while len(found) < most:
            got = queues.receive(url)
            found |= {held.queue_id: held for held in got}
            if not got and not waits():
                break
    finally:
        for held in found.values():
            queues.let_go(url, held)
    return list(found.values())[:most]


def redrive(queues: Queues, dead: str, to: str, told: Callable[[int], None]) -> int:
    """
    Move as many as lie there now, so that what fails again meanwhile is not moved for ever.

    `told` hears how many were moved so far.
    """
    depth = queues.depth(dead)
    most = max(depth.waiting + depth.in_flight, MOST_AT_ONCE)
    moved = 0
    while moved < most:
        got = queues.receive(dead)
        if not got:
            break
        for held in got:
            queues.send(to, held.message)
            queues.delete(dead, held)
            moved += 1
        told(moved)
    return moved
