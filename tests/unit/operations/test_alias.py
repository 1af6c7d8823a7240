"""The custom resource behind `live`: it makes what is absent and can do nothing else."""

import json
from typing import Any

import pytest

from functions.operations.alias.handler import answer, ensure, handle


class ResourceNotFoundException(Exception):  # noqa: N818 - AWS's name
    pass


class ResourceConflictException(Exception):  # noqa: N818
    pass


class Exceptions:
    ResourceNotFoundException = ResourceNotFoundException
    ResourceConflictException = ResourceConflictException


class FakeLambda:
    """Aliases of one function in memory; `rival` makes the alias just before the next creation."""

    exceptions = Exceptions

    def __init__(self, *, live: str | None = None, rival: str | None = None) -> None:
        self.aliases = {} if live is None else {"live": live}
        self.rival = rival

    def get_alias(self, *, FunctionName: str, Name: str) -> dict[str, str]:  # noqa: N803
        if Name not in self.aliases:
            raise ResourceNotFoundException(f"{FunctionName}:{Name}")
        return {"FunctionVersion": self.aliases[Name]}

    def create_alias(
        self,
        *,
        FunctionName: str,  # noqa: N803
        Name: str,  # noqa: N803
        FunctionVersion: str,  # noqa: N803
    ) -> None:
        if self.rival is not None:
            self.aliases[Name] = self.rival
        if Name in self.aliases:
            raise ResourceConflictException(f"{FunctionName}:{Name}")
        self.aliases[Name] = FunctionVersion


class Denied(FakeLambda):
    def get_alias(self, *, FunctionName: str, Name: str) -> dict[str, str]:  # noqa: N803
        raise PermissionError(f"no GetAlias on {FunctionName}:{Name}")


def event(request: str = "Create", version: str = "1") -> dict[str, Any]:
    return {
        "RequestType": request,
        "RequestId": "request",
        "StackId": "stack",
        "LogicalResourceId": "Live",
        "ResponseURL": "http://127.0.0.1/answer",
        "ResourceProperties": {
            "FunctionName": "wherry-dev-iris",
            "AliasName": "live",
            "FunctionVersion": version,
        },
    }


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_an_absent_alias_is_made_at_the_version_of_the_template(request_type: str) -> None:
    """Also on an update: without an alias the API answers nobody, so nothing is disturbed."""
    client = FakeLambda()

    assert ensure(event(request_type, "7"), client) == "created"
    assert client.aliases == {"live": "7"}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_an_alias_that_exists_is_kept_wherever_it_points(request_type: str) -> None:
    client = FakeLambda(live="3")

    assert ensure(event(request_type, "7"), client) == "kept"
    assert client.aliases == {"live": "3"}


def test_a_rollback_to_an_older_template_moves_nothing() -> None:
    client = FakeLambda(live="7")

    ensure(event("Update", "3"), client)

    assert client.aliases == {"live": "7"}


def test_of_two_at_once_the_first_wins() -> None:
    client = FakeLambda(rival="5")

    assert ensure(event("Create", "7"), client) == "kept"
    assert client.aliases == {"live": "5"}


def test_deleting_the_resource_leaves_the_alias_to_its_function() -> None:
    """That happens with the stack, or when its creation failed: the function goes as well."""
    client = FakeLambda(live="3")

    assert ensure(event("Delete"), client) == "left"
    assert client.aliases == {"live": "3"}


def test_the_physical_id_never_changes_so_that_nothing_is_ever_replaced() -> None:
    ids = {
        answer(event(request, version), FakeLambda(live="1"))["PhysicalResourceId"]
        for request in ("Create", "Update", "Delete")
        for version in ("1", "2")
    }

    assert ids == {"wherry-dev-iris:live"}


def test_cloudformation_gets_its_answer_at_the_address_it_gave() -> None:
    sent: list[tuple[str, dict[str, str]]] = []

    handle(event(), FakeLambda(), lambda url, body: sent.append((url, json.loads(body))))

    assert sent == [
        (
            "http://127.0.0.1/answer",
            {
                "Status": "SUCCESS",
                "Reason": "created",
                "StackId": "stack",
                "RequestId": "request",
                "LogicalResourceId": "Live",
                "PhysicalResourceId": "wherry-dev-iris:live",
            },
        )
    ]


def test_a_failure_is_answered_too_with_its_reason() -> None:
    """An unanswered request would hold the stack until its timeout."""
    told = answer(event(), Denied())

    assert told["Status"] == "FAILED"
    assert told["Reason"] == "PermissionError: no GetAlias on wherry-dev-iris:live"
