"""
A batch as Lambda hands it over, to what Lambda wants to know: which records are to come again.

Where a broker takes no single records back, the call fails if any must come again, and all of them
do: those that are done are told again from the memory, with the same bytes.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from wherry.errors import CloudError
from wherry.queue.events import Record, read
from wherry.queue.messages import Failed
from wherry.queue.settling import BEHIND
from wherry.queue.work import Worker

_logger = logging.getLogger("wherry.queue")


class Context(Protocol):
    """Lambda's, as far as it is asked."""

    def get_remaining_time_in_millis(self) -> int: ...


class EventHandler:
    """The function's handler, around one worker."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def __call__(self, event: Mapping[str, Any], context: Context) -> dict[str, Any]:
        batch = read(event)
        again = self._again(batch.records, context)
        if again and not batch.is_partial:
            raise CloudError(
                "the batch", f"{len(again)} of its {len(batch.records)} messages must come again"
            )
        return {"batchItemFailures": [{"itemIdentifier": receipt} for receipt in again]}

    def _again(self, records: Sequence[Record], context: Context) -> list[str]:
        """The receipts of what must come again."""
        faults = _faults(records)
        asked = {place: record.message for place, record in enumerate(records) if record.message}
        places = [place for place in asked if not faults[place]]
        outcomes = self._worker.answer_all(
            [asked[place] for place in places],
            lambda: context.get_remaining_time_in_millis() / 1000,
        )
        for place, outcome in zip(places, outcomes, strict=True):
            if isinstance(outcome, Failed):
                faults[place] = outcome.reason or "it failed"
        again = [(record.receipt, why) for record, why in zip(records, faults, strict=True) if why]
        for receipt, why in again:
            _logger.warning("message %s is to come again: %s", receipt, why)
        return [receipt for receipt, _ in again]


def _faults(records: Sequence[Record]) -> list[str]:
    """What is wrong with each; where order counts, nothing is done after one that is unreadable."""
    told: list[str] = []
    for record in records:
        ordered = record.message is not None and record.message.group
        told.append(BEHIND if ordered and any(told) else record.fault)
    return told
