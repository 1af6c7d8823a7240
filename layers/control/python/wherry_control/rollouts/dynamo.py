"""
Rollouts in a DynamoDB table with the key `model` (S): one item a model.

Each change is one conditional write, so that of two writers one is told. The revision counts on
over all rollouts of a model: what was read of an old rollout never fits a new one. The lease is in
the same item and touches neither. Reads are consistent.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from wherry.errors import CloudError, ConflictError
from wherry_control.aws_errors import translated
from wherry_control.rollouts.codec import SCHEMA, decoded, encoded, packed, unpacked
from wherry_control.rollouts.plan import Plan
from wherry_control.rollouts.state import State
from wherry_control.rollouts.store import Kept, already_runs


class DynamoRollouts:
    """See the module docstring; `client` is boto3's of DynamoDB."""

    def __init__(self, client: Any, table: str) -> None:
        self._client = client
        self._table = table

    def load(self, model: str) -> Kept | None:
        with translated(self._where):
            told = self._client.get_item(
                TableName=self._table, Key={"model": {"S": model}}, ConsistentRead=True
            )
        item = told.get("Item", {})
        return self._kept(item) if "state" in item else None

    def create(self, plan: Plan, state: State) -> Kept:
        told = self._update(
            state.model,
            "SET #plan = :plan, #state = :state, #done = :done, #schema = :schema, "
            "#revision = if_not_exists(#revision, :zero) + :one",
            "attribute_not_exists(#state) OR #done = :true",
            {
                ":plan": {"S": encoded(plan)},
                ":state": {"B": packed(state)},
                ":done": {"BOOL": state.done},
                ":schema": {"N": str(SCHEMA)},
                ":true": {"BOOL": True},
                ":zero": {"N": "0"},
                ":one": {"N": "1"},
            },
        )
        if told is None:
            raise already_runs(state.model, self.load(state.model))
        return Kept(plan, state, int(told["revision"]["N"]))

    def save(self, kept: Kept, state: State) -> Kept:
        told = self._update(
            kept.state.model,
            "SET #state = :state, #done = :done, #revision = :next",
            "#revision = :revision",
            {
                ":state": {"B": packed(state)},
                ":done": {"BOOL": state.done},
                ":revision": {"N": str(kept.revision)},
                ":next": {"N": str(kept.revision + 1)},
            },
        )
        if told is None:
            raise ConflictError(
                f"rollout {state.rollout}", "somebody else went on with it", "Look again."
            )
        return Kept(kept.plan, state, kept.revision + 1)

    def acquire(self, model: str, holder: str, now: datetime, seconds: float) -> bool:
        told = self._update(
            model,
            "SET #holder = :holder, #until = :until, #ticked = :now",
            "attribute_not_exists(#holder) OR #holder = :holder OR #until <= :now",
            {
                ":holder": {"S": holder},
                ":now": {"N": repr(now.timestamp())},
                ":until": {"N": repr(now.timestamp() + seconds)},
            },
        )
        return told is not None

    def release(self, model: str, holder: str) -> None:
        self._update(
            model, "REMOVE #holder, #until", "#holder = :holder", {":holder": {"S": holder}}
        )

    @property
    def _where(self) -> str:
        return f"rollouts {self._table}"

    def _kept(self, item: Mapping[str, Any]) -> Kept:
        where = f"rollout of {item['model']['S']}"
        try:
            schema, plan, state = item["schema"]["N"], item["plan"]["S"], item["state"]["B"]
            revision = int(item["revision"]["N"])
        except KeyError as error:
            raise CloudError(where, f"it was changed by hand: {error} is missing") from error
        if int(schema) != SCHEMA:
            raise CloudError(where, "it was begun by another Wherry", "Update Wherry.")
        at = item.get("ticked")
        ticked = datetime.fromtimestamp(float(at["N"]), UTC) if at else None
        return Kept(decoded(where, plan, Plan), unpacked(where, state), revision, ticked)

    def _update(
        self, model: str, expression: str, condition: str, values: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """What was updated, as it is now; None, and nothing is, if the condition did not hold."""
        from botocore.exceptions import ClientError

        names = re.findall(r"#\w+", f"{expression} {condition}")
        with translated(self._where):
            try:
                told = self._client.update_item(
                    TableName=self._table,
                    Key={"model": {"S": model}},
                    UpdateExpression=expression,
                    ConditionExpression=condition,
                    ExpressionAttributeNames={name: name[1:] for name in names},
                    ExpressionAttributeValues=values,
                    ReturnValues="UPDATED_NEW",
                )
            except ClientError as error:
                if error.response["Error"].get("Code") == "ConditionalCheckFailedException":
                    return None
                raise
        after: Mapping[str, Any] = told.get("Attributes", {})
        return after
