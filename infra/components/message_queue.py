"""
What messages go through: a queue, the function that answers them, what it remembers, and a queue of
results. One message that fails is delivered again, alone, and its neighbours are not.
"""

from dataclasses import dataclass

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from infra.components.grant import grant
from infra.components.passing_table import PassingTable
from infra.components.queue import Letters, Queue, QueueSpec
from infra.components.worker import Place, Worker
from infra.workers import QueueSettings


@dataclass(frozen=True, kw_only=True)
class Folders:
    """Where payloads lie that are too large for a message, and where results do."""

    claims: str
    results: str


class MessageQueue(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, name: str, settings: QueueSettings, folders: Folders
    ) -> None:
        super().__init__(scope, id_)
        self._settings, self._folders = settings, folders
        spec = QueueSpec(
            name=f"{name}-messages",
            fifo=settings.fifo,
            visibility_seconds=settings.visibility_seconds,
            receives=settings.max_receives,
        )
        self.messages = Queue(self, "Messages", spec=spec)
        self.results = (
            Letters(self, "Results", name=f"{name}-results", fifo=settings.fifo)
            if "queue" in settings.results
            else None
        )
        self._table = PassingTable(
            self, "Memory", table_name=f"{name}-messages", expires="expiration"
        )

    @property
    def environment(self) -> dict[str, str]:
        """What its worker is told."""
        kept = "s3" in self._settings.results
        return {
            "WHERRY_MESSAGES_TABLE": self._table.table.table_name,
            "WHERRY_RESULTS_QUEUE": self.results.queue.queue_url if self.results else "",
            "WHERRY_RESULTS": self._folders.results if kept else "",
            "WHERRY_CLAIMS": self._folders.claims,
        }

    def feed(self, worker: Worker) -> None:
        """Hand messages to `worker`, and let it do what answers them, no more."""
        settings = self._settings
        worker.function.add_event_source(
            sources.SqsEventSource(
                self.messages.queue,
                batch_size=settings.batch_size,
                max_batching_window=Duration.seconds(settings.window_seconds)
                if settings.window_seconds
                else None,
                report_batch_item_failures=True,
                max_concurrency=settings.concurrency,  # else a backlog takes all that requests need
            )
        )
        role = worker.role
        self._table.open_to(role)
        if self.results:
            grant(role, ["sqs:SendMessage"], self.results.queue.queue_arn)
        why = "Each message has objects of its own, under its own id."
        claims = Place.of(f"{self._folders.claims}/")
        claims.grant(role, "GetObject", "PutObject", why=why)
        claims.grant_list(role)  # else S3 says of an absent claim that it is denied
        if "s3" in settings.results:
            Place.of(f"{self._folders.results}/").grant(role, "GetObject", "PutObject", why=why)
