"""What the batch function asks of AWS beside its files: which release is live."""

from boto3 import Session

from wherry.aws.live import LambdaLive
from wherry.workers import WorkerSettings


def live_of(settings: WorkerSettings) -> LambdaLive:
    """Nothing is asked of AWS yet."""
    session = Session(region_name=settings.told.get("AWS_REGION"))
    return LambdaLive(session.client("lambda"), settings.function)
