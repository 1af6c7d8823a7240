"""
The parts of a model's stack for work that no request brings: whole data sets, messages, long jobs.

Each has a function of its own, and is there only where model.toml has its table; all have the same
code. docs/decisions/0020-workers.md says why none of them has a release of its own.
"""

from collections.abc import Mapping
from pathlib import Path

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_iam as iam
from aws_cdk.aws_logs import ILogGroup
from constructs import Construct

from infra.components.batch import Batch
from infra.components.function import ARCHITECTURES, FunctionSpec
from infra.components.jobs import Jobs
from infra.components.logs import Logs
from infra.components.message_queue import Folders, MessageQueue
from infra.components.schedule import WHEN, Schedule, ScheduleSpec
from infra.components.worker import Place, Worker
from infra.config import Options, Release
from infra.stacks.code import worker_code
from infra.stacks.store import bucket_name, claims_folder
from infra.workers import BatchSettings, JobsSettings, QueueSettings

BATCH_SCRATCH_MB = (
    4096  # results are written there first: 64 MiB of Parquet may be ten times that in text
)


class Workers(Construct):
    def __init__(
        self, scope: Construct, id_: str, *, release: Release, options: Options, root: Path
    ) -> None:
        super().__init__(scope, id_)
        self._release, self._options, self._root = release, options, root
        self._name = options.environment.named(release.model)
        self._store = bucket_name(options.environment)
        self.jobs = self._jobs(release.jobs) if release.jobs else None
        if release.queue:
            self._queue(release.queue)
        if release.batch:
            self._batch(release.batch)

    @property
    def told(self) -> dict[str, str]:
        """What the function that answers requests must know of them."""
        return self.jobs.environment if self.jobs else {}

    def open_to(self, role: iam.Role) -> None:
        """What that function may do with them."""
        if self.jobs:
            self.jobs.open_to(role)

    def _batch(self, settings: BatchSettings) -> None:
        worker = self._worker(
            "Batch",
            settings,
            kind="batch",
            does="Predicts partitions of data sets",
            told=settings.environment,
        )
        name = f"{self._name}-batch"
        log = self._logs("BatchRunLogs", f"/aws/vendedlogs/states/{name}")
        batch = Batch(self, "BatchRuns", name=name, settings=settings, worker=worker, log=log)
        own, planned = f"{self._folder('batch')}/", settings.schedule
        reads = {*settings.reads, *([planned.input] if planned else [])}
        writes = {own, *settings.writes, *([planned.output] if planned else [])}
        batch.open_to(
            worker,
            reads=[Place.of(url) for url in sorted(reads - writes)],
            writes=[Place.of(url) for url in sorted(writes)],
        )
        self._tell(BatchMachineArn=batch.machine.state_machine_arn)
        if planned:
            spec = ScheduleSpec(
                name=name,
                expression=planned.expression,
                timezone=planned.timezone,
                told={
                    "input": planned.input,
                    "output": f"{planned.output}{WHEN}/",
                    "options": {**planned.options, **settings.options},
                },
            )
            Schedule(self, "Schedule", spec=spec, machine=batch.machine.state_machine_arn)
            self._tell(BatchSchedule=name)

    def _queue(self, settings: QueueSettings) -> None:
        model = self._release.model
        folders = Folders(
            claims=f"s3://{self._store}/{claims_folder(model)}",
            results=f"s3://{self._store}/queue/{model}/results",
        )
        queue = MessageQueue(self, "Queue", name=self._name, settings=settings, folders=folders)
        queue.feed(
            self._worker(
                "Messages", settings, kind="queue", does="Answers messages", told=queue.environment
            )
        )
        self._tell(
            MessagesQueueUrl=queue.messages.queue.queue_url,
            MessagesDeadUrl=queue.messages.dead.queue.queue_url,
        )
        if queue.results:
            self._tell(ResultsQueueUrl=queue.results.queue.queue_url)

    def _jobs(self, settings: JobsSettings) -> Jobs:
        jobs = Jobs(self, "Jobs", name=self._name, settings=settings, folder=self._folder("jobs"))
        jobs.feed(
            self._worker("LongJobs", settings, kind="jobs", does="Does jobs", told=jobs.environment)
        )
        self._tell(
            JobsQueueUrl=jobs.queue.queue.queue_url, JobsDeadUrl=jobs.queue.dead.queue.queue_url
        )
        return jobs

    def _folder(self, noun: str) -> str:
        """The model's own of the store's bucket."""
        return f"s3://{self._store}/{noun}/{self._release.model}"

    def _worker(
        self,
        id_: str,
        settings: BatchSettings | QueueSettings | JobsSettings,
        *,
        kind: str,
        does: str,
        told: Mapping[str, str] = {},
    ) -> Worker:
        release, name = self._release, f"{self._name}-{kind}"
        spec = FunctionSpec(
            name=name,
            description=f"{does}, with {release.model}",
            code=worker_code(self._root, release, self._options, kind),
            architecture=ARCHITECTURES[release.settings.architecture],
            memory_mb=settings.memory_mb,
            timeout_seconds=settings.timeout_seconds,
            scratch_mb=BATCH_SCRATCH_MB if kind == "batch" else None,
            environment={
                **release.settings.environment,
                "WHERRY_MODEL": release.model,
                "WHERRY_STORE": f"s3://{self._store}",
                "WHERRY_FUNCTION": self._name,
                "ORT_DISABLE_TELEMETRY": "1",
                **({"WHERRY_PUBLIC_KEY": release.public_keys} if release.public_keys else {}),
                **told,
            },
        )
        log = self._logs(f"{id_}Logs", f"/aws/lambda/{name}")
        return Worker(self, id_, spec=spec, log=log, function=self._name, store=self._store)

    def _logs(self, id_: str, name: str) -> ILogGroup:
        days = self._release.settings.log_retention_days
        return Logs(self, id_, name=name, retention_days=days).group

    def _tell(self, **outputs: str) -> None:
        """What `wherry` asks of the stack."""
        for name, value in outputs.items():
            CfnOutput(Stack.of(self), name, value=value)
