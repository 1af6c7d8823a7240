"""
The worker of a model's jobs, behind their queue. All is made once, when Lambda starts it.

It answers by the release that took a job, whatever is live by now.
"""

import logging
import os
from typing import Any

import msgspec

from wherry.aws.jobs import open_jobs, open_queue
from wherry.jobs.messages import JobMessages
from wherry.jobs.settings import JobSettings
from wherry.jobs.work import Worker
from wherry.logs import log_structured
from wherry.pinned import Services
from wherry.workers import WorkerSettings

log_structured(logging.getLogger("wherry"))
jobs = JobSettings.from_environment()
base = WorkerSettings.from_environment().base
services = Services(msgspec.structs.replace(base, limits=jobs.rules.limits(base.limits)))
worker = Worker(open_jobs(jobs, os.environ), services)
messages = JobMessages(worker, open_queue(jobs).later, receives=jobs.rules.receives)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer which messages are to come again."""
    return messages.take(event, lambda: context.get_remaining_time_in_millis() / 1000)
