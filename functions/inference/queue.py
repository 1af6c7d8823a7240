"""
The worker behind a queue: SQS, RabbitMQ on Amazon MQ, or Kafka. All is made once, at the start.

It has no release of its own: each message is answered by one of those that are live. One that
cannot be loaded fails its messages, which come again, and no others.
"""

import logging

from wherry.aws.workers import queue_parts
from wherry.logs import log_structured
from wherry.queue.handling import EventHandler
from wherry.queue.work import Worker
from wherry.workers import WorkerSettings

log_structured(logging.getLogger("wherry"))
handler = EventHandler(Worker(queue_parts(WorkerSettings.from_environment())))
