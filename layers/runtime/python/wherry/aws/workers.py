"""What the queue's worker is made of on AWS, from what its environment tells."""

from typing import Any

from boto3 import Session
from botocore.config import Config

from wherry.aws.live import LambdaLive
from wherry.aws.messages import DynamoMemory
from wherry.aws.queues import QueueSink
from wherry.errors import ConfigurationError
from wherry.evidence import EvidenceLog
from wherry.pinned import Services
from wherry.queue.claims import Claims
from wherry.queue.results import Results
from wherry.queue.sinks import ObjectSink, Sink
from wherry.queue.tasks import Parts
from wherry.queue.work import THREADS
from wherry.release import Release
from wherry.store.settings import open_objects
from wherry.workers import WorkerSettings

TABLE, CLAIMS = "WHERRY_MESSAGES_TABLE", "WHERRY_CLAIMS"
RESULTS_QUEUE, RESULTS = "WHERRY_RESULTS_QUEUE", "WHERRY_RESULTS"

# A call that hangs must not take the time of a batch; each thread has a connection.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=THREADS,
)


def queue_parts(settings: WorkerSettings) -> Parts:
    """Raise ConfigurationError naming what is missing. Nothing is asked of AWS yet."""
    session = Session(region_name=settings.told.get("AWS_REGION"))
    claims = Claims.open(settings.required(CLAIMS), settings.told)
    base = settings.base
    results = settings.told.get(RESULTS, "")
    kept = Claims.open(results, settings.told) if results else claims
    release = Release(base.model, base.model_version, base.release, base.digest)  # never its own
    return Parts(
        live=LambdaLive(_client(session, "lambda"), settings.function),
        services=Services(base),
        memory=DynamoMemory(_client(session, "dynamodb"), settings.required(TABLE)),
        sinks=_sinks(session, settings),
        results=Results(base.model, kept),
        claims=claims,
        evidence=EvidenceLog(release, slo_ms=base.slo_ms),
    )


def _sinks(session: Session, settings: WorkerSettings) -> tuple[Sink, ...]:
    queue, objects = settings.told.get(RESULTS_QUEUE, ""), settings.told.get(RESULTS, "")
    sinks: list[Sink] = []
    if objects:
        sinks.append(ObjectSink(open_objects(objects, settings.told)))
    if queue:
        sinks.append(QueueSink(_client(session, "sqs"), queue))
    if not sinks:
        raise ConfigurationError(
            "the environment", f"neither {RESULTS_QUEUE} nor {RESULTS} is set", "Deploy it again."
        )
    return tuple(sinks)


def _client(session: Session, service: str) -> Any:
    return session.client(service, config=_CONFIG)
