"""
functions/operations on a local AWS, as the reviewed template deploys them: the same layer, the same
definition of the state machine, the same filter. Made by calls and not by the CDK, which is slow.
"""

import io
import json
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from boto3 import Session

from infra.packaging import build_operations

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOTS = ROOT / "tests/infra/snapshots"
ACCOUNT, REGION = "000000000000", "us-east-1"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"  # MiniStack's too
ROLE = f"arn:aws:iam::{ACCOUNT}:role/operations"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}


def resources(stack: str, kind: str) -> list[dict[str, Any]]:
    """The properties of a reviewed stack's resources of one kind."""
    template = json.loads((SNAPSHOTS / f"{stack}.json").read_text())["Resources"]
    return [each["Properties"] for each in template.values() if each["Type"] == kind]


def settled(value: Any) -> str:
    """A template's text on the local AWS; what refers to a resource stays as `${its id}`."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(settled(part) for part in parts)
        case {"Ref": name}:
            return PSEUDO.get(name, f"${{{name}}}")
        case {"Fn::GetAtt": [name, _]}:
            return f"${{{name}}}"
        case _:
            return str(value)


@dataclass(frozen=True)
class Operations:
    """The Operations stack; each part is made when it is first asked for."""

    session: Session

    def client(self, service: str) -> Any:
        return self.session.client(service)

    @cached_property
    def tables(self) -> dict[str, str]:
        """Names by noun, the ledger's among them."""
        found = resources("Wherry-dev-Operations", "AWS::DynamoDB::Table")
        found += resources("Wherry-dev-Store", "AWS::DynamoDB::Table")
        wanted = ("TableName", "KeySchema", "AttributeDefinitions", "BillingMode")
        for each in found:
            self.client("dynamodb").create_table(**{name: each[name] for name in wanted})
        return {each["TableName"].rpartition("-")[2]: each["TableName"] for each in found}

    @cached_property
    def layer(self) -> str:
        tree = build_operations(ROOT, python=PYTHON)
        told = self.client("lambda").publish_layer_version(
            LayerName="control", Content={"ZipFile": zipped(tree.folder)}
        )
        return str(told["LayerVersionArn"])

    def function(self, noun: str) -> str:
        """Deploy `functions/operations/<noun>` and return its ARN."""
        (told,) = (
            each
            for each in resources("Wherry-dev-Operations", "AWS::Lambda::Function")
            if each["FunctionName"] == f"wherry-dev-{noun}"
        )
        assert set(self.tables.values()) >= {
            value
            for name, value in told["Environment"]["Variables"].items()
            if name.endswith("_TABLE")
        }
        made = self.client("lambda").create_function(
            FunctionName=told["FunctionName"],
            Runtime=f"python{PYTHON}",
            Role=ROLE,
            Handler=told["Handler"],
            Timeout=told["Timeout"],
            Layers=[self.layer],
            Code={"ZipFile": zipped(ROOT / "functions/operations" / noun)},
            Environment={
                "Variables": {
                    name: settled(value) for name, value in told["Environment"]["Variables"].items()
                }
            },
        )
        return str(made["FunctionArn"])

    def runner(self, tick: str) -> str:
        """The state machine, with the function `tick` in it."""
        (told,) = resources("Wherry-dev-Operations", "AWS::StepFunctions::StateMachine")
        parts = [
            tick if isinstance(part, dict) and "Fn::GetAtt" in part else settled(part)
            for part in told["DefinitionString"]["Fn::Join"][1]
        ]
        made = self.client("stepfunctions").create_state_machine(
            name=told["StateMachineName"], definition="".join(parts), roleArn=ROLE
        )
        return str(made["stateMachineArn"])

    def subscribe(self, group: str, subscriber: str) -> None:
        """Hand the lines of a log group over, as a model's are."""
        (told,) = resources("Wherry-dev-iris", "AWS::Logs::SubscriptionFilter")
        logs = self.client("logs")
        logs.create_log_group(logGroupName=group)
        logs.put_subscription_filter(
            logGroupName=group,
            filterName=told["FilterName"],
            filterPattern=told["FilterPattern"],
            destinationArn=subscriber,
        )


def zipped(folder: Path) -> bytes:
    """The files of a folder, as Lambda takes them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", strict_timestamps=False) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))
    return packed.getvalue()


def zipped_text(name: str, text: str) -> bytes:
    """A function of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", strict_timestamps=False) as archive:
        archive.writestr(name, text)
    return packed.getvalue()
