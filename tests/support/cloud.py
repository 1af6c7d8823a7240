"""
A strict local AWS of the tests' own (TLS, IAM enforced), and the people who act on it: an
administrator, and the roles that GitHub's workflows assume by OIDC.

Commands run with `--target aws`, as in CI on a real account: the endpoint, the keys and the trust
come from the environment, and nothing knows that this AWS is a local one.
"""

import base64
import json
import os
import ssl
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import httpx
from botocore import UNSIGNED
from botocore.config import Config

from infra.local_aws import Options, down, up
from tests.support.project import Project
from wherry_control.controller import Rollouts
from wherry_control.gateway import Gateway
from wherry_control.ledger import DynamoLedger

REPOSITORY = "me/app"
MAIN = f"repo:{REPOSITORY}:ref:refs/heads/main"
ISSUER = "token.actions.githubusercontent.com"
AWS = ("--target", "aws", "--region", "us-east-1")


@dataclass(frozen=True)
class Cloud:
    """The local AWS as its administrator sees it, and a project to deploy from."""

    project: Project
    target: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.target["environment"])

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        """A boto3 client of the administrator, or of whoever holds `keys`."""
        told = {**self.environment, **(keys or {})}
        return boto3.client(
            service,
            endpoint_url=told["AWS_ENDPOINT_URL"],
            region_name=told["AWS_REGION"],
            aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=told.get("AWS_SESSION_TOKEN"),
            verify=told["AWS_CA_BUNDLE"],
            config=Config(retries={"max_attempts": 1}),
        )

    def assume(self, job: str, subject: str = MAIN) -> dict[str, str]:
        """The keys that a workflow gets for its token."""
        sts = boto3.client(
            "sts",
            endpoint_url=self.environment["AWS_ENDPOINT_URL"],
            region_name=self.environment["AWS_REGION"],
            verify=self.environment["AWS_CA_BUNDLE"],
            config=Config(signature_version=UNSIGNED, retries={"max_attempts": 0}),
        )
        told = sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{self.target['account']}:role/wherry-dev-{job}",
            RoleSessionName="workflow",
            WebIdentityToken=token(subject),
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": told["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": told["SecretAccessKey"],
            "AWS_SESSION_TOKEN": told["SessionToken"],
        }

    def workflow(self, job: str) -> Project:
        """The project as a workflow with that role has it."""
        keys = self.assume(job)
        return Project(self.project.root, {**self.environment, **keys})

    def rollouts(self, job: str, function: str) -> Rollouts:
        """The rollout commands in this process, with the role's keys and no golden replay."""
        session = KeyedSession(self, self.assume(job))
        return Rollouts(
            functions=Gateway(session),  # all that it asks of a session
            ledger=DynamoLedger(session.client("dynamodb"), "wherry-dev-ledger"),
            check=lambda *_: None,
            function=lambda _: function,
            clock=lambda: datetime.now(UTC),
        )

    def cdk(self, *words: str) -> None:
        """Run the CDK as the administrator."""
        path = f"{self.project.root / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            [str(self.project.root / "node_modules/.bin/cdk"), "--no-notices", *words],
            cwd=self.project.root,
            env={**os.environ, **self.environment, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"cdk {' '.join(words)}\n{done.stdout}{done.stderr}"

    def trust(self) -> ssl.SSLContext:
        """Believes the local AWS's own authority."""
        return ssl.create_default_context(cafile=self.environment["AWS_CA_BUNDLE"])

    def outputs(self, stack: str) -> dict[str, str]:
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {item["OutputKey"]: item["OutputValue"] for item in found["Outputs"]}

    def api(self, stack: str) -> httpx.Client:
        """A caller of the stack's REST API, over HTTPS, with its API key."""
        told = self.outputs(stack)
        key = self.client("apigateway").get_api_key(apiKey=told["ApiKeyId"], includeValue=True)
        return httpx.Client(
            base_url=self.target["api_url"].format(api=told["RestApiId"], stage=told["Stage"]),
            headers={"x-api-key": key["value"]},
            verify=self.trust(),
            timeout=30,
            trust_env=False,
        )


@dataclass(frozen=True)
class KeyedSession:
    """As much of a boto3 session as our code asks for, with keys of its own."""

    cloud: Cloud
    keys: Mapping[str, str]

    def client(self, service: str, **_: object) -> Any:
        return self.cloud.client(service, self.keys)


def token(subject: str) -> str:
    """A token as GitHub's; the local AWS checks its claims, and not its signature."""
    claims = {"iss": f"https://{ISSUER}", "aud": "sts.amazonaws.com", "sub": subject}
    parts = ({"alg": "RS256", "kid": "any"}, {**claims, "exp": int(time.time()) + 600})
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    return ".".join([*(part.decode() for part in coded), "c2lnbmF0dXJl"])


@contextmanager
def strict_cloud(project: Project, base_image: str, port: int) -> Iterator[Cloud]:
    """Start it, with the account's one-time set-up done by the administrator."""
    folder = project.root / ".wherry" / "local"
    options = Options(
        folder=folder, port=port, strict=True, keep=False, packaging="image",
        base_image=base_image, seed=20261120,
    )  # fmt: skip
    up(options)
    try:
        target = json.loads((folder / "target.json").read_bytes())
        say(project.root / "cdk.json", base_image, target["operations_python"])
        project.variables.update(target["environment"])
        cloud = Cloud(project, target)
        cloud.client("iam").create_open_id_connect_provider(
            Url=f"https://{ISSUER}", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["0" * 40]
        )
        project.wherry("deploy", "--bootstrap", "--store", *AWS)
        roles = ("Wherry-dev-Ci", "--exclusively", "-c", f"repository={REPOSITORY}")
        cloud.cdk("deploy", *roles, "--require-approval", "never")
        yield cloud
    finally:
        down(folder)


def say(file: Path, base_image: str, python: str) -> None:
    """In cdk.json: the base of the image, as a team without AWS's would; and MiniStack's Python."""
    told = json.loads(file.read_bytes())
    told["context"] |= {"base_image": base_image, "operations_python": python}
    file.write_text(json.dumps(told, indent=2))
