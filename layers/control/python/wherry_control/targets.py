"""
Where a command acts: an AWS account, or the local AWS, told apart here and nowhere else.

A target is an endpoint, an identity and names; all other code works on those and never asks which
kind it has. It refuses to guess: no credentials, no region or a stopped local AWS is an error that
says what to run.
"""

import json
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from wherry.errors import ConfigurationError, ToolError, UsageError
from wherry_control.aws_errors import translated

if TYPE_CHECKING:
    from boto3 import Session

Environment = Literal["dev", "prod"]
TARGETS = ("local", "aws")
ENDPOINT = "AWS_ENDPOINT_URL"
IDENTITY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
)
START = "Run `wherry local up`."


@dataclass(frozen=True, kw_only=True)
class Target:
    """
    One account and region, how to reach it, and what Wherry's things are called there.

    `python` is that of the models' functions, `operations_python` of the small ones beside them;
    None where the CDK app's own defaults hold.
    """

    name: str
    account: str
    region: str
    api_url: str
    environment: Environment = "dev"
    variables: Mapping[str, str] = field(default_factory=dict)
    packaging: str | None = None
    base_image: str | None = None
    python: str | None = None
    operations_python: str | None = None

    @property
    def store_url(self) -> str:
        return f"s3://wherry-{self.environment}-{self.account}-{self.region}"

    @property
    def store_stack(self) -> str:
        return f"Wherry-{self.environment}-Store"

    @property
    def operations_stack(self) -> str:
        return f"Wherry-{self.environment}-Operations"

    @property
    def ledger_table(self) -> str:
        return f"wherry-{self.environment}-ledger"

    @property
    def rollouts_table(self) -> str:
        return f"wherry-{self.environment}-rollouts"

    @property
    def evidence_table(self) -> str:
        return f"wherry-{self.environment}-evidence"

    @property
    def outcomes_table(self) -> str:
        return f"wherry-{self.environment}-outcomes"

    @property
    def runner_arn(self) -> str:
        """The state machine that runs rollouts; a model's name has no underscore, so no clash."""
        return self._state_machine(f"wherry-{self.environment}-rollout_runner")

    def batch_machine_arn(self, model: str) -> str:
        """The state machine of a model's batch runs, if it has any."""
        return self._state_machine(self.batch(model))

    def batch(self, model: str) -> str:
        """What the function, the state machine and the schedule of its batch runs are called."""
        return f"{self.function(model)}-batch"

    def stack(self, model: str) -> str:
        return f"Wherry-{self.environment}-{model}"

    def function(self, model: str) -> str:
        return f"wherry-{self.environment}-{model}"

    def _state_machine(self, name: str) -> str:
        region = self.region
        return f"arn:{_partition(region)}:states:{region}:{self.account}:stateMachine:{name}"

    def url(self, api: str, stage: str) -> str:
        """The address of a REST API's stage, without a slash at the end."""
        return self.api_url.format(api=api, stage=stage, region=self.region)

    def environ(self, base: Mapping[str, str]) -> dict[str, str]:
        """`base` without anybody else's identity, with this target's own."""
        foreign: tuple[str, ...] = IDENTITY
        if ENDPOINT in self.variables:  # then no other endpoint counts, not even of one service
            foreign += tuple(name for name in base if name.startswith(ENDPOINT))
        kept = {name: value for name, value in base.items() if name not in foreign}
        return {**kept, **self.variables}


def load_target(
    name: str,
    *,
    root: Path,
    environment: Environment = "dev",
    profile: str | None = None,
    region: str | None = None,
) -> Target:
    """The target that a command named with --target."""
    if name == "local":
        return load_local(root, environment, answers=_answers)
    if name == "aws":
        return load_aws(_session(profile, region), environment)
    raise UsageError("--target", f"{name!r} is no target", f"Choose one of {', '.join(TARGETS)}.")


def load_local(root: Path, environment: Environment, answers: Callable[[str], bool]) -> Target:
    """Read what `wherry local up` wrote; raise ToolError if it is not running."""
    file = root / ".wherry" / "local" / "target.json"
    if not file.is_file():
        raise ToolError("local AWS", "it is not running", START)
    try:
        told: dict[str, Any] = json.loads(file.read_bytes())
        variables = dict(told.pop("environment"))
        target = Target(variables=variables, environment=environment, **told)
        endpoint = variables[ENDPOINT]
    except (ValueError, TypeError, KeyError) as error:
        raise ConfigurationError(str(file), f"it cannot be understood ({error})", START) from error
    if not answers(endpoint):
        raise ToolError("local AWS", f"nobody answers at {endpoint}", START)
    return target


def load_aws(session: "Session", environment: Environment) -> Target:
    """Ask AWS who we are, and keep that very identity for every tool that is started."""
    region = session.region_name
    if not region:
        raise ConfigurationError(
            "--region", "no AWS region is set", "Pass --region, or set AWS_REGION."
        )
    with translated("AWS credentials"):
        account = session.client("sts").get_caller_identity()["Account"]
        held = session.get_credentials().get_frozen_credentials()
    variables = {
        "AWS_ACCESS_KEY_ID": held.access_key,
        "AWS_SECRET_ACCESS_KEY": held.secret_key,
        "AWS_SESSION_TOKEN": held.token,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
    }
    return Target(
        name="aws",
        account=account,
        region=region,
        api_url="https://{api}.execute-api.{region}.amazonaws.com/{stage}",
        environment=environment,
        variables={name: value for name, value in variables.items() if value},
    )


def _partition(region: str) -> str:
    """What the ARNs of a region begin with: China and GovCloud are worlds of their own."""
    for prefix, partition in (("cn-", "aws-cn"), ("us-gov-", "aws-us-gov")):
        if region.startswith(prefix):
            return partition
    return "aws"


def _session(profile: str | None, region: str | None) -> "Session":
    """boto3 alone does not read AWS_REGION, which every other SDK does."""
    from boto3 import Session

    with translated("AWS credentials"):
        return Session(profile_name=profile, region_name=region or os.environ.get("AWS_REGION"))


def _answers(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        socket.create_connection((address.hostname or "", port), timeout=1).close()
    except OSError:
        return False
    return True
