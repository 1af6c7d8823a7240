"""A local AWS for `wherry batch`, whose state machines only say how they ended."""

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import boto3
import msgspec

from tests.support.batch_runs import manifest
from tests.support.project import Finished, Project
from wherry.batch.contract import MANIFEST

ROLE = "arn:aws:iam::000000000000:role/batch"
NAMES = ("wherry-dev-iris", "wherry-dev-iris-batch")
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:wherry-dev-iris-batch"


class Aws:
    """A local AWS with a model's function, and a state machine that only says how it ended."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.states = boto3.client("stepfunctions")
        self.files = boto3.client("s3")
        self._functions()
        self.files.create_bucket(Bucket="data")

    def machine(self, *states: dict[str, Any]) -> None:
        """One that goes through these, in place of the last one."""
        named = {f"S{number}": state for number, state in enumerate(states)}
        definition = json.dumps({"StartAt": "S0", "States": named})
        known = self.states.list_state_machines()["stateMachines"]
        if any(each["stateMachineArn"] == MACHINE for each in known):
            self.states.update_state_machine(stateMachineArn=MACHINE, definition=definition)
        else:
            name = NAMES[1]
            self.states.create_state_machine(name=name, definition=definition, roleArn=ROLE)

    def leave(self, output: str, **changes: Any) -> None:
        """The manifest that the last state would write, at its end."""
        told = manifest(ended=datetime(2099, 1, 1, tzinfo=UTC).isoformat(), **changes)
        key = f"{output}/{MANIFEST}"
        self.files.put_object(Bucket="data", Key=key, Body=msgspec.json.encode(told))

    def run(self, output: str, *words: str) -> Finished:
        places = ("--input", "s3://data/in/", "--output", f"s3://data/{output}")
        return self.project.run("batch", "run", "iris", *places, "--target", "local", *words)

    def _functions(self) -> None:
        """The model's with two releases, of which the first is live; and the workers'."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("app.py", "def handler(event, context):\n    return {}\n")
        client = boto3.client("lambda")
        for name in NAMES:
            client.create_function(
                FunctionName=name, Runtime="python3.11", Role=ROLE, Handler="app.handler",
                Code={"ZipFile": packed.getvalue()}, MemorySize=1769,
            )  # fmt: skip
        for number in (1, 2):
            told = {"WHERRY_MODEL_VERSION": str(number), "WHERRY_DIGEST": f"sha256:{number:064x}"}
            client.update_function_configuration(
                FunctionName=NAMES[0], Environment={"Variables": told}
            )
            client.publish_version(FunctionName=NAMES[0])
        client.create_alias(FunctionName=NAMES[0], Name="live", FunctionVersion="1")
