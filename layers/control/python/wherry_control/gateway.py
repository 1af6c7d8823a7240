"""
The typed gateway to AWS: every call that the control plane makes, beside the ledger's own table.

Its session is an argument; its errors are Wherry's (see `aws_errors`). It decides nothing: what to
move, and whether, is `rollout`'s business.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wherry.errors import CloudError, ModelError, UsageError
from wherry_control.aws_errors import translated
from wherry_control.functions import ALIAS, DIGITS, LATEST, FunctionVersion, Live, Traffic

if TYPE_CHECKING:
    from boto3 import Session


@dataclass(frozen=True)
class Stack:
    """A CloudFormation stack: the state it is in, and its outputs."""

    name: str
    status: str
    outputs: Mapping[str, str]


class Gateway:
    """See the module docstring; clients are made when first needed."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._clients: dict[str, Any] = {}

    def _client(self, service: str) -> Any:
        from botocore.config import Config

        if service not in self._clients:
            settings = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=5)
            self._clients[service] = self._session.client(service, config=settings)
        return self._clients[service]

    def live(self, function: str) -> Live:
        with translated(f"{function}:{ALIAS}", absent=_undeployed(function)):
            return _live(self._client("lambda").get_alias(FunctionName=function, Name=ALIAS))

    def move(self, function: str, wanted: Traffic, *, revision: str) -> Live:
        weights = {wanted.candidate: wanted.weight / 100} if wanted.candidate else {}
        with translated(f"{function}:{ALIAS}", absent=_unpublished(function, wanted)):
            moved = self._client("lambda").update_alias(
                FunctionName=function,
                Name=ALIAS,
                FunctionVersion=wanted.stable,
                RoutingConfig={"AdditionalVersionWeights": weights},
                RevisionId=revision,
            )
        return _live(moved)

    def versions(self, function: str) -> list[FunctionVersion]:
        with translated(function, absent=_undeployed(function)):
            pages = self._client("lambda").get_paginator("list_versions_by_function")
            told = [
                version
                for page in pages.paginate(FunctionName=function)
                for version in page["Versions"]
                if version["Version"] != LATEST
            ]
        return sorted((_version(item) for item in told), key=lambda item: int(item.version))

    def delete(self, function: str, version: str) -> None:
        if not version.isdigit():  # else $LATEST, or without a version the whole function, goes
            raise UsageError(f"{function}:{version}", "only a published version can be deleted")
        with translated(f"{function}:{version}", absent=_undeployed(function)):
            self._client("lambda").delete_function(FunctionName=function, Qualifier=version)

    def invoke(self, function: str, version: str, event: Mapping[str, Any]) -> dict[str, Any]:
        where = f"{function}:{version}"
        with translated(where, absent=_undeployed(function)):
            answer = self._client("lambda").invoke(
                FunctionName=function, Qualifier=version, Payload=json.dumps(event).encode()
            )
            body = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise ModelError(where, f"the function failed: {body[:500].decode(errors='replace')}")
        result: dict[str, Any] = json.loads(body)
        return result

    def stack(self, name: str) -> Stack | None:
        """None if there is no such stack."""
        from botocore.exceptions import ClientError

        with translated(f"stack {name}"):
            try:
                told = self._client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
            except ClientError as error:
                if error.response["Error"].get("Code") == "ValidationError":
                    return None  # CloudFormation's way to say that there is none
                raise
        outputs = {item["OutputKey"]: item["OutputValue"] for item in told.get("Outputs", ())}
        return Stack(name, told["StackStatus"], outputs)

    def api_key(self, key_id: str) -> str:
        """The secret that callers of an API send as x-api-key."""
        where = f"API key {key_id}"
        absent = CloudError(where, "there is no such key", "Deploy the model again.")
        with translated(where, absent=absent):
            told = self._client("apigateway").get_api_key(apiKey=key_id, includeValue=True)
        return str(told["value"])


def _undeployed(function: str) -> CloudError:
    model = function.split("-", 2)[-1]
    return CloudError(
        function, "it is not deployed here", f"Run `wherry deploy {model}` with the same --target."
    )


def _unpublished(function: str, wanted: Traffic) -> CloudError:
    """The alias was looked at before it is moved, so it is not the function that is missing."""
    names = " or no release ".join(filter(None, (wanted.stable, wanted.candidate)))
    model = function.split("-", 2)[-1]
    return CloudError(
        f"{function}:{ALIAS}",
        f"there is no release {names}",
        f"`wherry rollout status {model}` shows those that there are.",
    )


def _live(told: Mapping[str, Any]) -> Live:
    weights: dict[str, float] = (told.get("RoutingConfig") or {}).get(
        "AdditionalVersionWeights"
    ) or {}
    candidate, share = next(iter(weights.items()), (None, 0.0))
    traffic = Traffic(str(told["FunctionVersion"]), candidate, round(share * 100, DIGITS))
    return Live(traffic, told["RevisionId"])


def _version(told: Mapping[str, Any]) -> FunctionVersion:
    return FunctionVersion(
        version=told["Version"],
        code_sha256=told.get("CodeSha256", ""),
        description=told.get("Description", ""),
        role=told.get("Role", ""),
        dead_letter=(told.get("DeadLetterConfig") or {}).get("TargetArn", ""),
        published_at=told.get("LastModified", ""),
        environment=(told.get("Environment") or {}).get("Variables") or {},
    )
