"""
The custom resource behind the alias `live`: makes it where it is absent, and refuses everything
else. It never moves an alias, for its role may not, and never deletes one: the alias goes when its
function goes. So a deploy, a rollback of one and an update in mid-rollout all leave live traffic.

It answers CloudFormation in every case, also when it fails: a silent one would hold the stack for
as long as the resource may take.
"""

import json
import logging
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol

log = logging.getLogger()
log.setLevel(logging.INFO)

Event = Mapping[str, Any]
Outcome = Literal["created", "kept", "left"]


class AliasClient(Protocol):
    """The two calls of the Lambda API that this function may make."""

    exceptions: Any

    def get_alias(self, *, FunctionName: str, Name: str) -> Any: ...  # noqa: N803 - AWS's names

    def create_alias(self, *, FunctionName: str, Name: str, FunctionVersion: str) -> Any: ...  # noqa: N803


def ensure(event: Event, client: AliasClient) -> Outcome:
    """Do what the event asks: an alias that exists, wherever it points, is kept as it is."""
    if event["RequestType"] == "Delete":
        return "left"
    wanted = event["ResourceProperties"]
    alias = {"FunctionName": wanted["FunctionName"], "Name": wanted["AliasName"]}
    try:
        client.get_alias(**alias)
    except client.exceptions.ResourceNotFoundException:
        pass
    else:
        return "kept"
    try:
        client.create_alias(**alias, FunctionVersion=wanted["FunctionVersion"])
    except client.exceptions.ResourceConflictException:
        return "kept"  # somebody made it between the two calls
    return "created"


def answer(event: Event, client: AliasClient) -> dict[str, str]:
    """CloudFormation's answer; the same alias always has the same physical id."""
    wanted = event["ResourceProperties"]
    told = {
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "PhysicalResourceId": f"{wanted['FunctionName']}:{wanted['AliasName']}",
    }
    try:
        outcome = ensure(event, client)
    except Exception as error:
        log.exception("the alias could not be made")
        return {**told, "Status": "FAILED", "Reason": f"{type(error).__name__}: {error}"}
    log.info("%s: %s", told["PhysicalResourceId"], outcome)
    return {**told, "Status": "SUCCESS", "Reason": outcome}


def send(url: str, body: bytes) -> None:
    request = urllib.request.Request(url, data=body, method="PUT", headers={"content-type": ""})  # noqa: S310 - CloudFormation's own address
    with urllib.request.urlopen(request, timeout=30):  # noqa: S310
        pass


def handle(event: Event, client: AliasClient, put: Callable[[str, bytes], None]) -> None:
    put(event["ResponseURL"], json.dumps(answer(event, client)).encode())


def handler(event: Event, _context: object) -> None:
    import boto3  # of Lambda's own runtime

    handle(event, boto3.client("lambda"), send)
