"""Subscription filters of log groups: which lines they take, and how their subscriber gets them."""
# ruff: noqa: SLF001 (private functions of a pinned version are what is fixed here)

import base64
import gzip
import json
import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import ModuleType

from infra.local_aws.emulator.wrapping import Record, wrap

log = logging.getLogger(__name__)
EVERY = 0.5  # seconds
MOST = 500  # lines of one delivery
TRIES = 5
TERM = re.compile(r'([?-]?)(?:"((?:\\.|[^"\\])*)"|(\S+))')
Key = tuple[str, str, str, str]  # account, group, stream, filter


def match_terms_as_aws_does(cloudwatch_logs: ModuleType) -> None:
    """
    AWS takes `?one ?other` for either, `-one` for its absence, quotes for a phrase; MiniStack takes
    every word of a pattern for one that must be there.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html. Patterns
    of JSON or of columns are left to MiniStack.
    """
    wrap(
        cloudwatch_logs,
        "_subscription_pattern_matches",
        lambda original: (
            lambda pattern, message: (
                original(pattern, message)
                if pattern.lstrip().startswith(("{", "["))
                else matches(pattern, message)
            )
        ),
    )


def matches(pattern: str, message: str) -> bool:
    """Whether a line has the terms of an unstructured pattern."""
    terms = [(sign, phrase or word) for sign, phrase, word in TERM.findall(pattern)]
    either = [term for sign, term in terms if sign == "?"]
    if either and len(either) == len(terms):  # beside others, AWS does not look at them
        return any(term in message for term in either)
    needed = [term for sign, term in terms if not sign]
    barred = [term for sign, term in terms if sign == "-"]
    return all(term in message for term in needed) and not any(term in message for term in barred)


@dataclass
class Sender:
    """
    One thread that hands lines over, a batch a stream, in their order; `send` is false for "again".

    Lines come in by `put`. A batch that is refused is tried again a few times, as AWS does.
    """

    send: Callable[[Key, Record, list[Record]], bool]
    waiting: dict[Key, tuple[Record, list[Record]]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, key: Key, subscriber: Record, events: Sequence[Record]) -> None:
        with self.lock:
            self.waiting.setdefault(key, (subscriber, []))[1].extend(events)

    def turn(self, wait: Callable[[float], object] = time.sleep) -> None:
        """Send what waits."""
        with self.lock:
            found, self.waiting = self.waiting, {}
        for key, (subscriber, events) in found.items():
            for first in range(0, len(events), MOST):
                self._deliver(key, subscriber, events[first : first + MOST], wait)

    def _deliver(
        self, key: Key, subscriber: Record, events: list[Record], wait: Callable[[float], object]
    ) -> None:
        for number in range(TRIES):
            if self.send(key, subscriber, events):
                return
            wait(0.2 * 2**number)
        log.warning("the subscription %s took none of %d lines", key[3], len(events))

    def run(self) -> None:
        """For ever."""
        while True:
            time.sleep(EVERY)
            self.turn()


def deliver_in_batches(cloudwatch_logs: ModuleType, lambda_svc: ModuleType) -> None:
    """
    AWS gathers the lines of a stream and hands them to the subscriber in batches, at least once,
    again after a refusal. MiniStack starts a thread and a function for every line that is written,
    once: some hundred requests a second are more than it can do, and what it refuses is lost.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
    """

    def send(key: Key, subscriber: Record, events: list[Record]) -> bool:
        result = lambda_svc._execute_function_with_config_scope(subscriber, packed(key, events))
        return not result.get("error") and not result.get("throttle")

    sender = Sender(send)
    threading.Thread(target=sender.run, daemon=True, name="log-subscriptions").start()

    def fan_out(group: str, stream: str, events: list[Record]) -> None:
        filters = (cloudwatch_logs._log_groups.get(group) or {}).get("subscriptionFilters") or {}
        for name, told in filters.items():
            destination = told.get("destinationArn", "")
            function = destination.partition(":function:")[2].partition(":")[0]
            subscriber = lambda_svc._functions.get(function)
            if not subscriber or group == f"/aws/lambda/{function}":
                continue
            pattern = told.get("filterPattern", "")
            taken = [
                {"id": secrets.token_hex(16), "timestamp": e["timestamp"], "message": e["message"]}
                for e in events
                if cloudwatch_logs._subscription_pattern_matches(pattern, e["message"])
            ]
            if taken:
                key = (cloudwatch_logs.get_account_id(), group, stream, name)
                sender.put(key, subscriber, taken)

    wrap(cloudwatch_logs, "_fanout_to_subscription_filters", lambda _: fan_out)


def packed(key: Key, events: list[Record]) -> Record:
    """The event of a subscriber."""
    account, group, stream, name = key
    told = {
        "messageType": "DATA_MESSAGE", "owner": account, "logGroup": group, "logStream": stream,
        "subscriptionFilters": [name], "logEvents": events,
    }  # fmt: skip
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(told).encode())).decode()}
    }
