"""What a template says of workers: by the names that ours have, and by role."""

import json
from pathlib import Path
from typing import Any

from tests.infra.synth import Template, as_list, of_type, only, project, synth, text

STORE = "wherry-dev-${AWS::AccountId}-${AWS::Region}"
OWN = "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:wherry-dev-iris"


def named(template: Template, kind: str, key: str) -> dict[str, dict[str, Any]]:
    """Properties by the name that ours have in common, without what all begin with."""
    return {
        each["Properties"][key].removeprefix("wherry-dev-iris").removeprefix("-"): each[
            "Properties"
        ]
        for each in of_type(template, kind)
        if key in each["Properties"]
    }


def queues(template: Template) -> dict[str, dict[str, Any]]:
    return named(template, "AWS::SQS::Queue", "QueueName")


def functions(template: Template) -> dict[str, dict[str, Any]]:
    return named(template, "AWS::Lambda::Function", "FunctionName")


def machine(template: Template) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(
        text(only(template, "AWS::StepFunctions::StateMachine")["DefinitionString"])
    )
    return told


def allowed(template: Template, role: str) -> dict[str, list[str]]:
    """What the roles whose logical ids begin so may do, and to what."""
    found: dict[str, list[str]] = {}
    for policy in of_type(template, "AWS::IAM::Policy"):
        if not any(each["Ref"].startswith(role) for each in policy["Properties"]["Roles"]):
            continue
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
            for action in as_list(statement["Action"]):
                told = [text(each) for each in as_list(statement["Resource"])]
                found.setdefault(action, []).extend(told)
    return found


def model_with(root: Path, tables: str, **context: str) -> Template:
    return synth(project(root, tables=tables), **context)["Wherry-dev-iris"]
