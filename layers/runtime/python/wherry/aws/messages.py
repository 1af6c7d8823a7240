"""
The memory of messages in DynamoDB, as Powertools' idempotency keeps it: its layer, its items.

Beside what Powertools does, a result is never replaced and never deleted: the first stands, though
two workers may be at one message when the time of the first ran out. A worker that is killed leaves
its message begun until the time that it had left is over; then the next one takes it.
"""

from base64 import b64decode, b64encode
from typing import Any

from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, IdempotencyConfig
from aws_lambda_powertools.utilities.idempotency.exceptions import (
    IdempotencyItemAlreadyExistsError,
    IdempotencyValidationError,
)
from aws_lambda_powertools.utilities.idempotency.persistence.datarecord import DataRecord
from botocore.exceptions import ClientError

from wherry.aws.faults import translated
from wherry.errors import CloudError
from wherry.queue.memory import KEPT_DAYS, Begun, Differs, Done, Key, New, Running

_PREFIX = "message"  # of each key, before the hash of the id
_DAY = 24 * 60 * 60
_CONFIG = IdempotencyConfig(
    event_key_jmespath="id",
    payload_validation_jmespath="content",
    raise_on_no_idempotency_key=True,
    expires_after_seconds=KEPT_DAYS * _DAY,
    hash_function="sha256",
)


class DynamoMemory:
    """`Memory` in one table, whose key is `id` and whose time to live is `expiration`."""

    def __init__(self, client: Any, table: str) -> None:
        self._layer = _Layer(client, table)
        self._table = table

    def begin(self, key: Key, seconds: float) -> Begun:
        """See Memory."""
        with translated(self._table):
            try:
                self._layer.save_inprogress(key._asdict(), int(seconds * 1000))
            except IdempotencyItemAlreadyExistsError as error:
                found = error.old_data_record
                return Running() if found is None or not _is_done(found) else Done(_read(found))
            except IdempotencyValidationError:
                return Differs()
        return New()

    def finish(self, key: Key, result: bytes) -> bytes:
        """See Memory."""
        with translated(self._table):
            try:
                self._layer.save_success(key._asdict(), {"result": b64encode(result).decode()})
            except IdempotencyItemAlreadyExistsError as error:
                return _read(error.old_data_record)
            except IdempotencyValidationError as error:
                what = "another message has this id now"
                raise CloudError(f"message {key.id}", what) from error
        return result

    def abandon(self, key: Key) -> None:
        """See Memory."""
        with translated(self._table):
            self._layer.delete_record(key._asdict(), InterruptedError("it is to come again"))


class _Layer(DynamoDBPersistenceLayer):
    """Powertools' own, but that what is completed stays as it is."""

    def __init__(self, client: Any, table: str) -> None:
        super().__init__(table, boto3_client=client)
        self.configure(_CONFIG, key_prefix=_PREFIX)

    def _update_record(self, data_record: DataRecord) -> None:
        names = {
            "#id": self.key_attr, "#status": self.status_attr, "#data": self.data_attr,
            "#expiry": self.expiry_attr, "#content": self.validation_key_attr,
        }  # fmt: skip
        values = {
            ":begun": {"S": "INPROGRESS"}, ":status": {"S": data_record.status},
            ":data": {"S": data_record.response_data},
            ":expiry": {"N": str(data_record.expiry_timestamp)},
            ":content": {"S": data_record.payload_hash},
        }  # fmt: skip
        begun = "attribute_not_exists(#id) OR (#status = :begun AND #content = :content)"
        try:
            self.client.update_item(
                TableName=self.table_name,
                Key=self._get_key(data_record.idempotency_key),
                UpdateExpression="SET #status = :status, #data = :data, #expiry = :expiry, "
                "#content = :content",
                ConditionExpression=begun,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            found = self._item_to_data_record(_refused(error))
            self._validate_payload(data_payload=data_record, stored_data_record=found)
            raise IdempotencyItemAlreadyExistsError(old_data_record=found) from error

    def _delete_record(self, data_record: DataRecord) -> None:
        try:
            self.client.delete_item(
                TableName=self.table_name,
                Key=self._get_key(data_record.idempotency_key),
                ConditionExpression="#status = :begun",
                ExpressionAttributeNames={"#status": self.status_attr},
                ExpressionAttributeValues={":begun": {"S": "INPROGRESS"}},
            )
        except ClientError as error:
            _refused(error)


def _refused(error: ClientError) -> dict[str, Any]:
    """The item that was there instead; any other error is raised again."""
    if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
        raise error
    item: dict[str, Any] = error.response.get("Item", {})
    return item


def _is_done(record: DataRecord) -> bool:
    return record.status != "INPROGRESS"


def _read(record: DataRecord | None) -> bytes:
    told = record.response_json_as_dict() if record is not None else None
    if told is None:
        raise CloudError("the memory of messages", "an item is finished and has no result")
    return b64decode(told["result"])
