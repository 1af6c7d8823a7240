"""
What long requests go through: the table of jobs, their queue, and the objects that are too large
for either. The function that answers requests takes jobs and tells of them; a worker does them.
"""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda_event_sources as sources
from constructs import Construct

from infra.components.grant import grant
from infra.components.passing_table import PassingTable
from infra.components.queue import Queue, QueueSpec
from infra.components.worker import Place, Worker
from infra.workers import JobsSettings

RECEIVES = 5


class Jobs(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, name: str, settings: JobsSettings, folder: str
    ) -> None:
        """`folder` is where inputs and results lie."""
        super().__init__(scope, id_)
        self._settings, self._folder = settings, folder
        spec = QueueSpec(
            name=f"{name}-jobs",
            visibility_seconds=6 * settings.timeout_seconds,
            receives=RECEIVES,
        )
        self.queue = Queue(self, "Queue", spec=spec)
        self._table = PassingTable(self, "States", table_name=f"{name}-jobs", expires="expires")

    @property
    def environment(self) -> dict[str, str]:
        """What both functions are told."""
        return {
            "WHERRY_JOBS_TABLE": self._table.table.table_name,
            "WHERRY_JOBS_QUEUE": self.queue.queue.queue_url,
            "WHERRY_JOBS": self._folder,
            "WHERRY_JOBS_KEEP_HOURS": str(self._settings.keep_hours),
            "WHERRY_JOBS_MOST_MB": str(self._settings.most_mb),
            "WHERRY_JOBS_RECEIVES": str(RECEIVES),
        }

    def feed(self, worker: Worker) -> None:
        """One job at a time, so that a slow one keeps no other from its end."""
        worker.function.add_event_source(
            sources.SqsEventSource(
                self.queue.queue,
                batch_size=1,
                report_batch_item_failures=True,
                max_concurrency=self._settings.concurrency,
            )
        )
        self._grant_states(worker.role)

    def open_to(self, role: iam.Role) -> None:
        """Let the function that answers requests take jobs, and sign what callers may fetch."""
        grant(role, ["sqs:SendMessage"], self.queue.queue.queue_arn)
        self._grant_states(role)

    def _grant_states(self, role: iam.Role) -> None:
        self._table.open_to(role)
        place = Place.of(f"{self._folder}/")
        place.grant(
            role,
            "GetObject",
            "PutObject",
            "DeleteObject",
            why="Each job has objects of its own, under its own random id.",
        )
        place.grant_list(role)
