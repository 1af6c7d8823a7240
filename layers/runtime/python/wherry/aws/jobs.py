"""
Jobs on AWS: records in DynamoDB, objects in S3 by links that S3 itself checks, a queue of SQS.

A record is one item, written whole on the condition that it is still the one that was read. The
answer to a write may be lost: then the item tells whose write it was. DynamoDB removes an item some
time after it has expired, so the clock, and not its absence, says that a job has.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import msgspec
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from obstore.exceptions import BaseError

from wherry.aws.faults import translated
from wherry.jobs.contract import LINK_SECONDS, Job
from wherry.jobs.settings import JobSettings
from wherry.jobs.store import Jobs, Link
from wherry.store.absence import unless_absent
from wherry.store.failures import translated as store_error
from wherry.store.settings import endpoint_of, open_bucket

_TAKEN = "ConditionalCheckFailedException"
_IN_S3 = {"content-type": "Content-Type", "content-encoding": "Content-Encoding"}
_decoder = msgspec.json.Decoder(Job)


class TableRecords:
    """`client` is boto3's `dynamodb`."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def create(self, job: Job, now: float) -> Job:
        """See Records."""
        free = "attribute_not_exists(id) OR expires <= :now"
        if self._put(job, free, {":now": {"N": str(int(now))}}):
            return job
        return self.get(job.id) or self.create(job, now)  # it expired, and was removed, just now

    def get(self, job_id: str) -> Job | None:
        """See Records."""
        with translated(self._table):
            told = self._client.get_item(
                TableName=self._table, Key={"id": {"S": job_id}}, ConsistentRead=True
            )
        item = told.get("Item")
        return _decoder.decode(item["job"]["S"]) if item else None

    def move(self, old: Job, new: Job) -> bool:
        """See Records."""
        return self._put(new, "revision = :old", {":old": {"S": old.revision}})

    def _put(self, job: Job, condition: str, values: Mapping[str, Any]) -> bool:
        item = {
            "id": {"S": job.id},
            "revision": {"S": job.revision},
            "expires": {"N": str(int(job.expires))},
            "job": {"S": msgspec.json.encode(job).decode()},
        }
        with translated(self._table):
            try:
                self._client.put_item(
                    TableName=self._table,
                    Item=item,
                    ConditionExpression=condition,
                    ExpressionAttributeValues=values,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != _TAKEN:
                    raise
                there = self.get(job.id)
                return there is not None and there.revision == job.revision
        return True


class BucketObjects:
    """Below `url`, which is `s3://bucket/prefix`; `session` is boto3's."""

    def __init__(self, url: str, session: boto3.Session, environment: Mapping[str, str]) -> None:
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self._store = open_bucket(bucket, prefix.strip("/"), environment)
        self._region = session.region_name
        self._address = f"{endpoint_of(environment, self._region)}/{bucket}/{prefix.strip('/')}"
        self._credentials = session.get_credentials()
        self._url = url

    def put(self, key: str, data: bytes, headers: Mapping[str, str]) -> None:
        """See Objects."""
        told = {_IN_S3[name]: value for name, value in headers.items() if name in _IN_S3}
        with self._told():
            self._store.put(key, data, attributes=told)

    def read(self, key: str, size: int) -> bytes | None:
        """See Objects."""
        with self._told():
            found = unless_absent(self._store, key, lambda: self._store.get(key))
            if found is None or found.meta["size"] != size:
                return None
            return bytes(found.bytes())

    def size(self, key: str) -> int | None:
        """See Objects."""
        with self._told():
            found = unless_absent(self._store, key, lambda: self._store.head(key))
            return None if found is None else found["size"]

    def delete(self, keys: Iterable[str]) -> None:
        """See Objects."""
        with self._told():
            for key in keys:
                self._store.delete(key)

    def link(self, wanted: Link) -> str:
        """See Objects. S3 takes what is put there at its announced size alone."""
        headers = {"content-length": str(wanted.bytes)} if wanted.method == "PUT" else {}
        request = AWSRequest(wanted.method, f"{self._address}/{wanted.key}", headers=headers)
        with translated(self._url):
            S3SigV4QueryAuth(self._credentials, "s3", self._region, expires=LINK_SECONDS).add_auth(
                request
            )
            signed: str = request.prepare().url
        return signed

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError) as error:
            raise store_error(self._url, error) from error


class SqsQueue:
    """`client` is boto3's `sqs`."""

    def __init__(self, client: Any, url: str) -> None:
        self._client = client
        self._url = url

    def send(self, job_id: str) -> None:
        """See Queue."""
        with translated(self._url):
            self._client.send_message(QueueUrl=self._url, MessageBody=job_id)

    def later(self, receipt: str, seconds: float) -> None:
        """Hide a message that was received for so long, and then bring it again."""
        with translated(self._url):
            self._client.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=int(seconds) + 1
            )


def open_jobs(settings: JobSettings, environment: Mapping[str, str]) -> Jobs:
    """The jobs of one model, as its environment says."""
    session = boto3.Session()
    records = TableRecords(session.client("dynamodb"), settings.table)
    objects = BucketObjects(settings.place, session, environment)
    return Jobs(records, objects, open_queue(settings))


def open_queue(settings: JobSettings) -> SqsQueue:
    """Their queue, as a worker sees it."""
    return SqsQueue(boto3.client("sqs"), settings.queue)
